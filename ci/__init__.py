"""ci: what the workflows do, as commands that any CI can call. The workflows only say when, where and as whom."""
