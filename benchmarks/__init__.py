"""Speed and endurance: every module runs alone, `python -m benchmarks` compares layers with torch's."""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # read when torch is loaded
