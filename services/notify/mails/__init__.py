"""What a mail says and looks like. Pure: reads templates and catalogues, does no other I/O."""
