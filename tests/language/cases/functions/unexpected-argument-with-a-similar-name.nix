({ enable ? true, package ? null }: enable) { enabel = false; }
