"""graphc's modules against other ways to train the same network: `python -m tests.benchmarks`."""
