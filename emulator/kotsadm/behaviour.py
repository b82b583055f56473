"""What the emulated Admin Console does on a bad day."""

from dataclasses import dataclass


@dataclass(slots=True)
class Behaviour:
    """Switches that tests set; all off is a good day.

    Attributes:
        license_server_down: The license's endpoint does not answer.
        automated_failure: Text with which the automated install fails; empty for success.
        preflight_warning: Title of a preflight check that warns; empty for none.
        preflight_failure: Title of a preflight check that fails; empty for none.
        deploy_failure: The deployment of the version fails.
        never_deploys: The version stays pending although the command ended well.
        stuck_workload: Name of a workload that never gets ready; empty for none.
        extra_fetch: Emulated seconds that fetching the release takes longer.
    """

    license_server_down: bool = False
    automated_failure: str = ""
    preflight_warning: str = ""
    preflight_failure: str = ""
    deploy_failure: bool = False
    never_deploys: bool = False
    stuck_workload: str = ""
    extra_fetch: float = 0.0
