from contestants import Contestant
class AHVault(Contestant):
    name, needs, steps = "ahvault", "nonexistent", ("full", "increment", "restore", "check")
