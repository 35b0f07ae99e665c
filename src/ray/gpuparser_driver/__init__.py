"""The Ray side of an export; `python -m gpuparser_driver RUN` is the entrypoint of its Ray job."""
