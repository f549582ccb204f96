"""Drives the Azure simulator with Microsoft's own clients: one line a check, and an exit code that says
whether all held.

    python prove.py PATH-TO-azure-simulator        (or the path in AZURE_SIMULATOR)
"""

import logging
import os
import sys
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import checks_access
import checks_azcopy
import checks_blobs
import checks_disks
import checks_machines
import checks_pages
import checks_resources
from lab import Lab

MODULES = [
    checks_blobs, checks_pages, checks_access, checks_azcopy, checks_resources, checks_disks, checks_machines]


def main():
    binary = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("AZURE_SIMULATOR")
    if not binary or not os.access(binary, os.X_OK):
        sys.exit("usage: prove.py PATH-TO-azure-simulator")
    logging.disable(logging.CRITICAL)  # the SDK logs every refusal, and many checks ask for one
    passed = failed = 0
    lab = Lab(binary)
    try:
        for module in MODULES:
            for check in module.CHECKS:
                name = check.__doc__.strip()
                try:
                    check(lab)
                    passed += 1
                    print("ok    " + name, flush=True)
                except Exception:
                    failed += 1
                    print("FAIL  " + name, flush=True)
                    traceback.print_exc()
                finally:
                    lab.clear_faults()
    finally:
        code = lab.stop()
    if code != 0:
        failed += 1
        print("FAIL  the simulator ended with code %s" % code)
    print("%d checks passed, %d failed" % (passed, failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
