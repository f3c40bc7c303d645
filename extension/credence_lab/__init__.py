"""The prebuilt JupyterLab extension of Credence. The code is TypeScript (src/); this module says where it is installed."""

__version__ = "0.1.0"


def _jupyter_labextension_paths():
    return [{"src": "labextension", "dest": "credence-lab"}]
