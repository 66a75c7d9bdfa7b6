"""Tests of the whole house; those of one subject are in a folder of its name."""
