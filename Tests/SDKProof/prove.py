"""Drives the simulator with Nutanix's own Python SDK: one line a check, and an exit code that says whether all held.

    python prove.py PATH-TO-prism-simulator        (or the path in PRISM_SIMULATOR)
"""

import logging
import os
import sys
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import checks_inventory
import checks_protection
import checks_restore
import checks_versions
from lab import Lab

SUITES = [
    ("127.91.1", "v4.2", [checks_inventory, checks_protection, checks_restore]),
    ("127.91.2", "v4.0", [checks_versions]),
]


def main():
    binary = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("PRISM_SIMULATOR")
    if not binary or not os.access(binary, os.X_OK):
        sys.exit("usage: prove.py PATH-TO-prism-simulator")
    logging.disable(logging.CRITICAL)  # the SDK logs every refusal, and many checks ask for one
    passed = failed = 0
    for block, version, modules in SUITES:
        lab = Lab(binary, block, version)
        try:
            for module in modules:
                for check in module.CHECKS:
                    name = "%s: %s" % (version, check.__doc__.strip())
                    try:
                        check(lab)
                        passed += 1
                        print("ok    " + name, flush=True)
                    except Exception:
                        failed += 1
                        print("FAIL  " + name, flush=True)
                        traceback.print_exc()
        finally:
            code = lab.stop()
        if code != 0:
            failed += 1
            print("FAIL  %s: the simulator ended with code %s" % (version, code))
    print("%d checks passed, %d failed" % (passed, failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
