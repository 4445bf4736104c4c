const names: ReadonlySet<string> = new Set(
  [
    // Shells
    "sh ash bash dash fish zsh ksh ksh93 mksh pdksh oksh yash posh rbash csh tcsh rc es elvish nu xonsh",
    "pwsh powershell cmd busybox toybox",
    // Interpreters and what embeds one
    "node nodejs deno bun tsx ts-node python pypy ipython perl ruby irb php lua luajit tclsh wish",
    "expect awk gawk mawk nawk original-awk sed gsed ed ex vi vim nvim view emacs m4 dc gdb lldb",
    "R Rscript julia java jshell groovy scala kotlin ghci runghc runhaskell elixir iex erl escript",
    "guile racket sbcl clisp osascript sqlite sqlite3 psql mysql",
    // Programs that run others, and remote shells
    "env xargs find fd fdfind parallel timeout nice nohup setsid stdbuf unbuffer sudo doas su runuser",
    "runcon setpriv chroot unshare nsenter bwrap firejail flock ionice taskset chrt numactl prlimit",
    "strace ltrace perf valgrind time watch entr script screen tmux start-stop-daemon systemd-run",
    "at batch cron crontab run-parts ssh scp sftp rsync socat nc ncat netcat telnet docker podman",
    "kubectl nerdctl ld.so man less more pager tar bsdtar zip rg ssh-agent dbus-run-session xvfb-run",
    "faketime fakeroot proot catchsegv chpst softlimit envdir setlock dpkg apt apt-get yum dnf",
    "sort gsort split gsplit unzip rlwrap torify proxychains ip pkexec capsh setarch linux32 linux64",
    "eatmydata dtach abduco daemonize systemctl journalctl loginctl machinectl run-mailcap xdg-open",
    "open start-process tcpdump nmap wget aria2c yt-dlp youtube-dl rclone restic borg pandoc bat ag ack",
    "gcc g++ cc c++ clang clang++ cpp ld gold mold nm objdump ar openssl gpg mail mailx mutt logsave",
    "logrotate hyperfine watchexec nodemon concurrently direnv asdf mise nix nix-shell guix snap",
    "flatpak lxc lxc-exec runc crun buildah skopeo vagrant terraform tofu ansible ansible-playbook",
    "helm packer salt puppet chef",
    // Version control and build tools: they run what the repository or a flag says
    "git hg svn fossil jj gh make gmake bmake ninja cmake meson bazel just task rake ant mvn gradle",
    "npm npx pnpm pnpx yarn yarnpkg bunx corepack uv uvx pip pipx poetry cargo rustup go bundle gem",
    "composer conda mamba brew nx turbo lerna gulp grunt webpack rollup vite jest vitest mocha ava tap",
    "pytest tox nox phpunit rspec eslint prettier babel swc esbuild dotnet msbuild sbt lein stack cabal",
    "mix rebar3 swift xcodebuild fastlane pod flutter dart zig nimble dune opam latex pdflatex xelatex",
  ].flatMap((line) => line.split(" ")),
);

/**
 * Whether the arguments of a program of this name can make it run others. It is a guard against
 * mistakes in a policy, not a boundary: programs with such a flag are without number.
 */
export function runsOtherPrograms(name: string): boolean {
  const plain = name.toLowerCase().replace(/\.(exe|cmd|bat|com)$/, "");
  const unversioned = plain.replace(/[-.]?\d[\d.]*$/, "");
  return (
    names.has(name) ||
    names.has(plain) ||
    names.has(unversioned) ||
    // The dynamic loader runs its first argument.
    plain.startsWith("ld-linux") ||
    plain.startsWith("ld-musl")
  );
}
