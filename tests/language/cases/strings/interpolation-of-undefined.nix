"a${undefined}"
