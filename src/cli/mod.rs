//! The command line. Its help is what operators read, hence French.

mod campaign;
mod gift;
mod jobs;
mod matches;
mod organisation;
mod person;
mod rules;
mod run;
mod staff;
mod verbs;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use domain::ids::{GiftId, PersonId, RefundId};

use crate::demo;

/// Essaim : des citoyens donnent, le fonds complète, des projets de médiation numérique vivent.
#[derive(Debug, Parser)]
#[command(name = "essaim", version, disable_help_subcommand = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Recalcule, vérifie et essaie des règles d’abondement
    #[command(subcommand)]
    Match(MatchCommand),
    /// Rejoue un fichier de calculs d’impôt
    #[command(subcommand)]
    Tax(TaxCommand),
    #[command(flatten)]
    Lasting(Lasting),
}

/// Commands that need settings, a runtime and a database.
#[derive(Debug, Subcommand)]
enum Lasting {
    /// Sert le site
    Serve {
        /// Fait aussi les tâches, pour une petite installation
        #[arg(long)]
        with_workers: bool,
    },
    /// Fait les tâches : paiements, reçus, courriels, clôtures
    Work,
    /// Démonstration complète sur cette machine, personnes et montants fictifs
    Demo {
        /// Graine du passé généré : la même graine refait le même passé
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Dossier où tout est gardé ; sinon .essaim/demo, ou /var/tmp/essaim-demo pour root
        #[arg(long)]
        state: Option<PathBuf>,
        /// Port du site ; la banque d’essai prend le suivant
        #[arg(long, default_value_t = 8080)]
        port: u16,
    },
    /// Met la base de données au schéma de cette version
    Migrate,
    /// Vérifie les livres, les pots, les reçus et les tâches, sans rien changer
    Check,
    /// Liste, relance ou met de côté les tâches
    #[command(subcommand)]
    Jobs(JobsCommand),
    /// Gestes de l’opérateur sur un don
    #[command(subcommand)]
    Gift(GiftCommand),
    /// Gestes sur une campagne
    #[command(subcommand)]
    Campaign(CampaignCommand),
    /// Gestes pour une structure
    #[command(subcommand)]
    Organisation(OrganisationCommand),
    /// Oublie de nouveau une personne qu’une copie restaurée a ramenée
    ForgetPerson {
        /// Son numéro, dans les journaux : `person.id`
        person: uuid::Uuid,
    },
    /// Qui travaille pour la plateforme
    #[command(subcommand)]
    Staff(StaffCommand),
}

#[derive(Debug, Subcommand)]
enum JobsCommand {
    /// Les tâches d’un état, les plus anciennes d’abord
    List {
        /// waiting, running, parked ou done ; toutes sinon
        #[arg(long)]
        state: Option<String>,
        /// Au plus tant de lignes
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Remet en attente une tâche mise de côté
    Retry {
        /// Son numéro
        id: i64,
    },
    /// Met une tâche de côté
    Park {
        /// Son numéro
        id: i64,
        /// Pourquoi
        #[arg(long)]
        reason: String,
    },
}

#[derive(Debug, Subcommand)]
enum MatchCommand {
    /// Recalcule l’abondement d’un fichier, au centime, et l’écrit en JSON
    Evaluate {
        /// Le cas, ou l’export d’un fonds
        file: PathBuf,
    },
    /// Rejoue un passé sous d’autres règles et compare
    Simulate(matches::Rehearsal),
    /// Vérifie un règlement avant sa publication
    Check {
        /// Le règlement : un objet, une liste, ou {"rule_sets": […]}
        rules: PathBuf,
        /// Un cas de genre « ledger » qui prête ses enveloppes, campagnes et noms
        #[arg(long)]
        case: Option<PathBuf>,
    },
    /// Vérifie des sceaux publiés : arbres, chaîne des jours, chemins de décisions
    Seal {
        /// Les sceaux, au format essaim-seals/1
        file: PathBuf,
    },
    /// Montre pourquoi un don a reçu son abondement, décision par décision
    Explain {
        /// Le numéro du don
        gift: uuid::Uuid,
    },
}

#[derive(Debug, Subcommand)]
enum TaxCommand {
    /// Calcule les réductions d’impôt d’un fichier de cas et les écrit en JSON
    Evaluate {
        /// Compare avec les résultats attendus du fichier
        #[arg(long)]
        check: bool,
        /// D’autres paramètres datés que ceux de cette version
        #[arg(long)]
        params: Option<PathBuf>,
        /// Les cas
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
enum GiftCommand {
    /// Laisse partir un remboursement qui attendait l’opérateur
    ReleaseRefund {
        /// Son numéro
        refund: uuid::Uuid,
    },
    /// Ouvre les dons sur tout le site
    Open,
    /// Arrête les dons sur tout le site
    Stop,
}

#[derive(Debug, Subcommand)]
enum CampaignCommand {
    /// Publie une actualité et l’envoie à ceux qui suivent la campagne
    Update {
        /// Adresse de la campagne
        slug: String,
        /// Titre
        #[arg(long)]
        title: String,
        /// Texte en Markdown
        #[arg(long)]
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
enum OrganisationCommand {
    /// Donne un rôle à une personne : la première responsable, qui invite les autres
    Member {
        /// La structure
        id: String,
        /// L’adresse électronique de la personne
        email: String,
        /// owner, editor, finance ou reader
        #[arg(long, default_value = "owner")]
        role: String,
    },
    /// Garde la signature de sa représentante ou de son représentant, pour ses reçus
    Signature {
        /// La structure
        id: String,
        /// Le dessin, en SVG
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
enum StaffCommand {
    /// Donne un rôle à une personne : la première administratrice, qui nomme les autres
    Appoint {
        /// L’adresse électronique de la personne
        email: String,
        /// administrator, operator ou auditor
        role: String,
    },
}

impl Cli {
    /// Does what was asked. What goes wrong is told on standard error; 1 is a failure or a breach,
    /// 2 a file or settings that cannot be used.
    pub fn run(self) -> ExitCode {
        match self.command {
            // A pure computation needs neither settings nor a runtime.
            Command::Match(command) => command.run(),
            Command::Tax(TaxCommand::Evaluate { check, params, file }) => {
                rules::evaluate_tax(&file, params.as_deref(), check)
            }
            Command::Lasting(command) => match run::in_runtime(command.run()) {
                Ok(code) => code,
                Err(error) => told(&error),
            },
        }
    }
}

impl MatchCommand {
    fn run(self) -> ExitCode {
        let done = match self {
            Self::Evaluate { file } => matches::evaluate(&file),
            Self::Simulate(asked) => matches::simulate(&asked),
            Self::Check { rules, case } => matches::check(&rules, case.as_deref()),
            Self::Seal { file } => matches::seal(&file),
            Self::Explain { gift } => {
                let explained = run::in_runtime(matches::explain(GiftId::new(gift)));
                Ok(explained.unwrap_or_else(|error| told(&error)))
            }
        };
        done.unwrap_or_else(|code| code)
    }
}

impl Lasting {
    async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Serve { with_workers } => run::serve(with_workers).await,
            Self::Work => run::work().await,
            Self::Demo { seed, state, port } => {
                let state = state.unwrap_or_else(demo::default_state);
                run::demo(demo::Settings { seed, state, port }).await
            }
            Self::Migrate => run::migrate().await,
            Self::Check => run::check().await,
            Self::Jobs(JobsCommand::List { state, limit }) => jobs::list(state, limit).await,
            Self::Jobs(JobsCommand::Retry { id }) => jobs::retry(id).await,
            Self::Jobs(JobsCommand::Park { id, reason }) => jobs::park(id, &reason).await,
            Self::Gift(GiftCommand::ReleaseRefund { refund }) => {
                gift::release_refund(RefundId::new(refund)).await
            }
            Self::Gift(GiftCommand::Open) => gift::open(true).await,
            Self::Gift(GiftCommand::Stop) => gift::open(false).await,
            Self::Campaign(CampaignCommand::Update { slug, title, file }) => {
                campaign::update(slug, title, &file).await
            }
            Self::ForgetPerson { person } => person::forget(PersonId::new(person)).await,
            Self::Organisation(OrganisationCommand::Member { id, email, role }) => {
                organisation::member(id, email, role).await
            }
            Self::Organisation(OrganisationCommand::Signature { id, file }) => {
                organisation::signature(id, &file).await
            }
            Self::Staff(StaffCommand::Appoint { email, role }) => staff::appoint(email, role).await,
        }
    }
}

/// Says what went wrong, from the nearest cause to the first, and answers the code for it.
fn told(error: &anyhow::Error) -> ExitCode {
    eprintln!("{error}");
    for cause in error.chain().skip(1) {
        eprintln!("  {cause}");
    }
    ExitCode::from(if error.is::<crate::config::Faults>() { 2 } else { 1 })
}
