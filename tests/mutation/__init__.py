"""The tests tested: every rule and condition broken on purpose, and whether a test fails then."""
