# before
.a? # behind \
  more
| .b?
