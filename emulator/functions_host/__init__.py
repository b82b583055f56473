"""Hosts a Durable Functions app folder without Azure Functions Core Tools.

``python -m emulator.functions_host APP_DIR --port N`` behaves as ``func start --port N`` in that
folder. ``host`` runs it, ``worker`` is the published worker library behind it, ``engine`` the
published in-memory durable backend with the promises of the Azure ones, ``dispatch`` offers its
work items to the worker, ``management`` answers for the Durable extension, ``http_triggers``,
``queues`` and ``timers`` bring requests in.

What to know:

- Functions ask for no key, as under ``func start``, unless ``--enforce-keys`` is given. The durable
  management routes always ask for the system key, which every URL of a payload carries.
- Keys are made up at each start. ``--host-key`` (``FUNCTIONS_HOST_KEY``) chooses the default one,
  ``FUNCTIONS_HOST_KEYS`` all of them, as a JSON object with ``master``, ``default``, ``durable``
  and ``functions`` (a key by function name). They are printed only by ``--ready-json``, in the one
  line that says that the host is ready.
- The app imports from ``.python_packages`` and from the active virtual environment
  (``VIRTUAL_ENV``) of the same Python minor version. Packages that the host itself runs on, the
  Durable Functions SDK among them, come from the host's own environment, whatever the app's holds.
- State lives in memory and ends with the process.
- Triggers other than HTTP, queue, timer and the durable three are indexed, listed and never run.
"""
