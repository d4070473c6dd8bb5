/** Where nixpkgs and Debian name things differently. Names that are the same in both are not listed. */
let
  elsewhere = package: programs: {
    inherit package;
    programs = builtins.listToAttrs (
      map (name: {
        inherit name;
        value = "/usr/bin/${name}";
      }) programs
    );
  };
  java = package: elsewhere package [ "java" ];
  jdk = elsewhere "default-jdk" [
    "jar"
    "java"
    "javac"
    "keytool"
  ];
  python = {
    package = "python3";
    programs = {
      python = "/usr/bin/python3";
      python3 = "/usr/bin/python3";
    };
  };
in
{
  # nixpkgs name -> Debian package, or { package, programs = { name in nixpkgs = name in Debian; }; }. A program that
  # another package brings, which this one needs, is given by its path.
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
    gnupg = elsewhere "gnupg" [
      "dirmngr"
      "gpg"
      "gpg-agent"
      "gpgconf"
      "gpgsm"
    ];
    gnugrep = "grep";
    gnumake = "make";
    gnupatch = "patch";
    gnused = "sed";
    gnutar = "tar";
    go = "golang-go";
    helix = "hx";
    inetutils = "inetutils-tools";
    iputils = "iputils-ping";
    jdk = jdk;
    jre = java "default-jre";
    jre_headless = java "default-jre-headless";
    linux-pam = "libpam-modules";
    lm_sensors = "lm-sensors";
    mariadb = elsewhere "mariadb-server" [
      "mariadb"
      "mariadb-admin"
      "mariadb-dump"
    ];
    mtr = "mtr-tiny";
    netcat = {
      package = "netcat-openbsd";
      programs.nc = "nc.openbsd";
    };
    nettools = "net-tools";
    openjdk = jdk;
    openssh = "openssh-client";
    perl = elsewhere "perl" [ "perl" ];
    php = elsewhere "php-cli" [ "php" ];
    pkg-config = "pkgconf";
    postgresql = elsewhere "postgresql" [
      "createdb"
      "createuser"
      "pg_dump"
      "pg_dumpall"
      "pg_isready"
      "pg_restore"
      "psql"
    ];
    python = python;
    python3 = python;
    python3Full = "python3-full";
    redis = elsewhere "redis-server" [
      "redis-benchmark"
      "redis-cli"
    ];
    shadow = "passwd";
    sqlite = "sqlite3";
    systemdMinimal = "systemd";
    the_silver_searcher = "silversearcher-ag";
    tinycc = "tcc";
    util-linuxMinimal = "util-linux";
    utillinux = "util-linux";
    vim = {
      package = "vim";
      programs.vim = "vim.basic";
    };
    vim-full = {
      package = "vim-nox";
      programs.vim = "vim.nox";
    };
    xz = "xz-utils";
    zlib = "zlib1g";
  };

  # Debian package -> its main program, where that has another name.
  mainPrograms = {
    apache2 = "apachectl";
    bat = "batcat";
    bind9-dnsutils = "dig";
    coreutils = "ls";
    default-jdk = "java";
    default-jre = "java";
    default-jre-headless = "java";
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
    netcat-openbsd = "nc.openbsd";
    nodejs = "node";
    openssh-client = "ssh";
    openssh-server = "sshd";
    php-cli = "php";
    postgresql = "psql";
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
