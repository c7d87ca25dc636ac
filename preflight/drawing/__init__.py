"""The architecture, drawn from a recording: what there is, what lies in what, and which way traffic takes."""
