from recorder.conftest import notebook

__all__ = ["notebook"]
