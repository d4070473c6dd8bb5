/** Where nixpkgs and openSUSE name things differently. Names that are the same in both are not listed. */
{
  renamed = {
    apacheHttpd = "apache2";
    cacert = "ca-certificates-mozilla";
    cron = "cronie";
    delta = "git-delta";
    dig = "bind-utils";
    dnsutils = "bind-utils";
    gitFull = "git";
    gitMinimal = "git-core";
    glibcLocales = "glibc-locale";
    gnugrep = "grep";
    gnumake = "make";
    gnupatch = "patch";
    gnupg = "gpg2";
    gnused = "sed";
    gnutar = "tar";
    imagemagick = "ImageMagick";
    jdk = "java-21-openjdk-devel";
    jre = "java-21-openjdk";
    jre_headless = "java-21-openjdk-headless";
    linux-pam = "pam";
    lm_sensors = "sensors";
    netcat = "netcat-openbsd";
    nettools = "net-tools";
    openjdk = "java-21-openjdk-devel";
    openssh = "openssh-clients";
    pkg-config = "pkgconf-pkg-config";
    postgresql = "postgresql-server";
    python = "python3";
    python3Full = "python3";
    sqlite = "sqlite3";
    systemdMinimal = "systemd";
    tinycc = "tcc";
    util-linuxMinimal = "util-linux";
    utillinux = "util-linux";
    vim-full = "vim";
    zlib = "libz1";
  };

  mainPrograms = {
    ImageMagick = "magick";
    apache2 = "apachectl";
    bind-utils = "dig";
    coreutils = "ls";
    findutils = "find";
    git-delta = "delta";
    gpg2 = "gpg";
    iproute2 = "ip";
    iputils = "ping";
    mariadb = "mariadbd";
    neovim = "nvim";
    net-tools = "ifconfig";
    netcat-openbsd = "nc";
    nodejs = "node";
    openssh-clients = "ssh";
    openssh-server = "sshd";
    procps = "ps";
    ripgrep = "rg";
    systemd = "systemctl";
    the_silver_searcher = "ag";
    vim-small = "vi";
    wireguard-tools = "wg";
    xz = "xz";
  };
}
