"""Hosts a Durable Functions app folder without Azure Functions Core Tools.

``host`` runs it, ``worker`` is the published worker library behind it, ``engine`` the published
in-memory durable backend, ``dispatch`` offers its work items to the worker, ``management`` answers
for the Durable extension, ``http_triggers``, ``queues`` and ``timers`` bring requests in.
"""
