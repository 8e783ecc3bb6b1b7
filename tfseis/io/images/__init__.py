"""Images and their masks: folders, archives, run lengths, submissions, wells."""
