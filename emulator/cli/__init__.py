"""Stand-ins of the programs of the installer's image: kots, helm, and kubectl where there is none.

Each starts anew for every call, as the real one does, so each imports as little as it can.
"""
