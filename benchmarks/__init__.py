"""Speed and endurance: every module runs alone, `python -m benchmarks` runs them all."""
