[ ''abc'' '' abc'' ''abc '' ]
