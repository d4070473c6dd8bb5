/** Where nixpkgs and Arch Linux name things differently. Names that are the same in both are not listed. */
{
  renamed = {
    apacheHttpd = "apache";
    awscli2 = "aws-cli-v2";
    cacert = "ca-certificates";
    cron = "cronie";
    delta = "git-delta";
    dig = "bind";
    dnsutils = "bind";
    docker-client = "docker";
    gitFull = "git";
    gitMinimal = "git";
    glibcLocales = "glibc";
    gnugrep = "grep";
    gnumake = "make";
    gnupatch = "patch";
    gnused = "sed";
    gnutar = "tar";
    helix = {
      package = "helix";
      programs.hx = "helix";
    };
    jdk = "jdk-openjdk";
    jre = "jre-openjdk";
    jre_headless = "jre-openjdk-headless";
    linux-pam = "pam";
    netcat = "openbsd-netcat";
    nettools = "net-tools";
    openjdk = "jdk-openjdk";
    pkg-config = "pkgconf";
    procps = "procps-ng";
    python3 = "python";
    python3Full = "python";
    systemdMinimal = "systemd";
    tinycc = "tcc";
    util-linuxMinimal = "util-linux";
    utillinux = "util-linux";
    vim-full = "gvim";
  };

  mainPrograms = {
    apache = "apachectl";
    bind = "dig";
    coreutils = "ls";
    cronie = "crond";
    findutils = "find";
    git-delta = "delta";
    gnupg = "gpg";
    gvim = "vim";
    helix = "helix";
    imagemagick = "magick";
    iproute2 = "ip";
    iputils = "ping";
    mariadb = "mariadbd";
    neovim = "nvim";
    net-tools = "ifconfig";
    nodejs = "node";
    openbsd-netcat = "nc";
    openssh = "ssh";
    procps-ng = "ps";
    ripgrep = "rg";
    sqlite = "sqlite3";
    systemd = "systemctl";
    the_silver_searcher = "ag";
    wireguard-tools = "wg";
    xz = "xz";
  };
}
