/** Where nixpkgs and Debian name things differently. Names that are the same in both are not listed. */
{
  # nixpkgs name -> Debian package, or { package, programs = { name in nixpkgs = name in Debian; }; }
  renamed = {
    apacheHttpd = "apache2";
    awscli2 = "awscli";
    bat = {
      package = "bat";
      programs.bat = "batcat";
    };
    bind = "bind9";
    cacert = "ca-certificates";
    cronie = "cron";
    delta = "git-delta";
    dig = "bind9-dnsutils";
    dnsutils = "bind9-dnsutils";
    docker = "docker.io";
    docker-client = [
      "docker-cli"
      "docker.io"
    ];
    fd = {
      package = "fd-find";
      programs.fd = "fdfind";
    };
    gitFull = "git";
    gitMinimal = "git";
    glibc = "libc6";
    glibcLocales = "locales";
    gnugrep = "grep";
    gnumake = "make";
    gnupatch = "patch";
    gnused = "sed";
    gnutar = "tar";
    go = "golang-go";
    helix = "hx";
    inetutils = "inetutils-tools";
    iputils = "iputils-ping";
    jdk = "default-jdk";
    jre = "default-jre";
    jre_headless = "default-jre-headless";
    linux-pam = "libpam-modules";
    lm_sensors = "lm-sensors";
    mariadb = "mariadb-server";
    mtr = "mtr-tiny";
    netcat = "netcat-openbsd";
    nettools = "net-tools";
    openjdk = "default-jdk";
    openssh = "openssh-client";
    pkg-config = "pkgconf";
    python = "python3";
    python3Full = "python3-full";
    redis = "redis-server";
    shadow = "passwd";
    sqlite = "sqlite3";
    systemdMinimal = "systemd";
    the_silver_searcher = "silversearcher-ag";
    tinycc = "tcc";
    util-linuxMinimal = "util-linux";
    utillinux = "util-linux";
    vim-full = "vim-nox";
    xz = "xz-utils";
    zlib = "zlib1g";
  };

  # Debian package -> its main program, where that has another name.
  mainPrograms = {
    apache2 = "apachectl";
    bat = "batcat";
    bind9-dnsutils = "dig";
    coreutils = "ls";
    docker-cli = "docker";
    "docker.io" = "docker";
    fd-find = "fdfind";
    findutils = "find";
    git-delta = "delta";
    gnupg = "gpg";
    golang-go = "go";
    imagemagick = "convert";
    iproute2 = "ip";
    iputils-ping = "ping";
    mariadb-server = "mariadbd";
    neovim = "nvim";
    net-tools = "ifconfig";
    nodejs = "node";
    openssh-client = "ssh";
    openssh-server = "sshd";
    procps = "ps";
    ripgrep = "rg";
    silversearcher-ag = "ag";
    systemd = "systemctl";
    vim-nox = "vim";
    vim-tiny = "vi";
    wireguard-tools = "wg";
    xz-utils = "xz";
  };
}
