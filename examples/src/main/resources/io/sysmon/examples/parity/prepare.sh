# Makes the files that the commands of examples/parity work with, in the current directory.
mkdir -p tree/a/b tree/c project
printf '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n' >hello.c
for file in tree/one.c tree/a/two.c tree/a/b/three.c tree/c/four.txt; do
  cat hello.c >$file
done
ln -s one.c tree/link
seq 20000 >tree/c/numbers

printf 'all: one two\none two: %%: ../hello.c\n\tcp $< $@.c\n\tcat $@.c >$@\n' >project/Makefile

if command -v git >/dev/null; then
  (
    export HOME="$PWD" GIT_CONFIG_NOSYSTEM=1
    export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.com
    git init -q repository
    cd repository
    for number in 1 2 3 4 5; do
      echo $number >>file; mkdir -p d$number; echo $number >d$number/other
      git add -A && git commit -q -m "Change $number"
    done
    echo changed >>file; echo new >untracked
  )
fi

gcc -O1 -w ../calls.c -o calls64 || rm -f calls64
# The kernel's headers are where gcc-multilib would have put a link to them.
gcc -O1 -w -m32 -static -idirafter /usr/include/x86_64-linux-gnu ../calls.c -o calls32 || rm -f calls32
