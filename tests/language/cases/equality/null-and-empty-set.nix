null == {}
