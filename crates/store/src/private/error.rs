//! What a person reads on the terminal when the private database cannot be had: all in one place.

use std::path::PathBuf;

/// Why the private PostgreSQL does not serve. The texts are for the person who typed the command.
#[derive(Debug, thiserror::Error)]
pub enum PrivateError {
    /// No PostgreSQL on this machine.
    #[error(
        "PostgreSQL est introuvable sur cette machine. Installez le paquet « postgresql » (sous \
         Debian ou Ubuntu : apt-get install postgresql). Sinon, indiquez l’adresse d’une base \
         existante dans DATABASE_URL, ou le dossier des programmes de PostgreSQL dans \
         ESSAIM_DATABASE_POSTGRES_BIN."
    )]
    Missing,
    /// `ESSAIM_DATABASE_POSTGRES_BIN` names a folder without them.
    #[error(
        "ESSAIM_DATABASE_POSTGRES_BIN désigne « {} », où ne se trouvent pas les programmes \
         « initdb » et « postgres ».", .0.display()
    )]
    NotThere(PathBuf),
    /// Older than what we ask for.
    #[error(
        "PostgreSQL {found} est trop ancien : il faut la version {needed} ou une plus récente du \
         paquet « postgresql »."
    )]
    TooOld {
        /// The newest version that is installed.
        found: u32,
        /// The oldest that serves.
        needed: u32,
    },
    /// The files were written by another major version.
    #[error(
        "Les données de « {} » ont été écrites par PostgreSQL {written}, mais la version installée \
         est PostgreSQL {installed}. Installez le paquet « postgresql-{written} », ou \
         sauvegardez puis déplacez ce dossier pour repartir d’une base vide.", dir.display()
    )]
    OtherMajor {
        /// The cluster.
        dir: PathBuf,
        /// Its version.
        written: u32,
        /// Ours.
        installed: u32,
    },
    /// A folder with other files in it.
    #[error(
        "Le dossier « {} » n’est pas vide et ne contient pas de base PostgreSQL : choisissez-en un \
         autre.", .0.display()
    )]
    NotACluster(PathBuf),
    /// Another process of ours serves from this folder.
    #[error("Essaim est déjà en marche avec les données de « {} ».", .0.display())]
    InUse(PathBuf),
    /// The folder belongs to someone else.
    #[error(
        "Le dossier « {} » appartient à un autre utilisateur de la machine : choisissez-en un \
         autre, ou lancez Essaim sous le même utilisateur que la première fois.", .0.display()
    )]
    NotOurs(PathBuf),
    /// The user that PostgreSQL runs as cannot get there.
    #[error(
        "PostgreSQL tourne sous l’utilisateur « {user} », qui ne peut pas traverser le dossier \
         « {} ». Choisissez pour les données un dossier accessible à tous, par exemple sous \
         /var/lib.", dir.display()
    )]
    OutOfReach {
        /// The folder in the way.
        dir: PathBuf,
        /// Who cannot pass.
        user: String,
    },
    /// Neither `postgres` nor `nobody` exists.
    #[error(
        "PostgreSQL refuse de tourner sous « root », et ni l’utilisateur « postgres » ni \
         l’utilisateur « nobody » n’existent sur cette machine."
    )]
    NobodyToRunAs,
    /// A Unix socket path holds about a hundred bytes.
    #[error(
        "Le chemin « {} » est trop long pour y poser la prise de PostgreSQL (100 octets au plus) : \
         choisissez un dossier plus court.", .0.display()
    )]
    TooLong(PathBuf),
    /// No room left.
    #[error(
        "Le disque qui porte « {} » est plein : libérez de la place, puis relancez Essaim. Rien de \
         ce qui était enregistré n’est perdu.", .0.display()
    )]
    DiskFull(PathBuf),
    /// A file or folder would not do what was asked.
    #[error("Impossible d’accéder à « {} » : {cause}.", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// One of PostgreSQL's programs failed.
    #[error("PostgreSQL n’a pas pu démarrer ({step}). Son journal se termine ainsi :\n{log}")]
    Failed {
        /// Which program.
        step: &'static str,
        /// Its last words.
        log: String,
    },
    /// It neither started nor failed.
    #[error("PostgreSQL ne répond pas après {seconds} secondes ; son journal : « {} ».",
        log.display())]
    Silent {
        /// How long we waited.
        seconds: u64,
        /// Where to look.
        log: PathBuf,
    },
    /// It stopped without being asked to.
    #[error("PostgreSQL s’est arrêté de lui-même. Son journal se termine ainsi :\n{log}")]
    Ended {
        /// Its last words.
        log: String,
    },
    /// The database could not be created in it.
    #[error("La base « {name} » n’a pas pu être créée : {cause}.")]
    NoDatabase {
        /// Its name.
        name: String,
        /// Why.
        cause: tokio_postgres::Error,
    },
}

impl PrivateError {
    /// A failure on a path; a full disk is recognised.
    pub(super) fn file(path: impl Into<PathBuf>, cause: std::io::Error) -> Self {
        let path = path.into();
        match cause.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                Self::DiskFull(path)
            }
            _ => Self::File { path, cause },
        }
    }
}
