"""Images and their masks: folders, archives, run-length masks, submissions, borehole images."""
