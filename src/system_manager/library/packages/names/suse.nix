/** Where nixpkgs and openSUSE name things differently. Names that are the same in both are not listed. */
{
  renamed = {
    apacheHttpd = "apache2";
    cacert = "ca-certificates-mozilla";
    cron = "cronie";
    delta = "git-delta";
    dig = "bind-utils";
    dnsutils = "bind-utils";
    docker-client = "docker";
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
    jdk = [
      "java-25-openjdk-devel"
      "java-21-openjdk-devel"
      "java-17-openjdk-devel"
    ];
    jre = [
      "java-25-openjdk"
      "java-21-openjdk"
      "java-17-openjdk"
    ];
    jre_headless = [
      "java-25-openjdk-headless"
      "java-21-openjdk-headless"
      "java-17-openjdk-headless"
    ];
    linux-pam = "pam";
    lm_sensors = "sensors";
    netcat = "netcat-openbsd";
    nettools = "net-tools";
    openjdk = [
      "java-25-openjdk-devel"
      "java-21-openjdk-devel"
      "java-17-openjdk-devel"
    ];
    openssh = "openssh-clients";
    pkg-config = [
      "pkgconf-pkg-config"
      "pkg-config"
    ];
    postgresql = "postgresql-server";
    python = [
      "python3"
      "python313"
      "python312"
      "python311"
    ];
    python3 = [
      "python3"
      "python313"
      "python312"
      "python311"
    ];
    python3Full = [
      "python3"
      "python313"
      "python312"
      "python311"
    ];
    sqlite = "sqlite3";
    systemdMinimal = "systemd";
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
    cronie = "cron";
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
