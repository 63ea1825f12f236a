//! `config.json` of a bundle, after the
//! [runtime specification](https://github.com/opencontainers/runtime-spec/blob/main/config.md).

use std::collections::HashSet;
use std::path::Path;

use oci_spec::OciSpecError;
use oci_spec::runtime::{
    Linux, LinuxBuilder, LinuxCapabilitiesBuilder, LinuxCpuBuilder, LinuxDeviceCgroupBuilder,
    LinuxIdMappingBuilder, LinuxMemoryBuilder, LinuxNamespace, LinuxNamespaceBuilder,
    LinuxNamespaceType, LinuxPidsBuilder, LinuxResources, LinuxResourcesBuilder, Mount,
    MountBuilder, Process, ProcessBuilder, RootBuilder, Spec, SpecBuilder, UserBuilder,
    get_default_maskedpaths, get_default_readonly_paths,
};

use super::error::BundleError;
use super::options::{ContainerOptions, Limits, Mounts, Network, Privileges, Seccomp};
use super::rootfs::{PROGRAM, Rootfs, WORK};
use crate::seccomp;

/// A cgroup path for containers that cannot have one: libcontainer wants an
/// absolute path where there is a user namespace, and passes over the refusal
/// to create it. It lies at the top, where only root can create anything.
const NO_CGROUP: &str = "/assay-rootless";

/// The configuration of one container.
pub fn build(rootfs: &Rootfs, options: &ContainerOptions) -> Result<Spec, BundleError> {
    if options.privileges != Privileges::Root && options.limits != Limits::default() {
        return Err(BundleError::LimitsNeedRoot);
    }
    let root = RootBuilder::default()
        .path(rootfs.path())
        .readonly(true)
        .build()?;
    utf8(rootfs.path())?;
    Ok(SpecBuilder::default()
        .version("1.0.2")
        .root(root)
        .hostname("assay")
        .process(process(rootfs.entry(), options)?)
        .mounts(mounts(rootfs.mounted(), options)?)
        .linux(linux(options)?)
        .build()?)
}

fn process(entry: &[String], options: &ContainerOptions) -> Result<Process, BundleError> {
    let mut args = entry.to_vec();
    args.extend(options.args.iter().cloned());
    let env: Vec<String> = options
        .env
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let none = LinuxCapabilitiesBuilder::default()
        .bounding(HashSet::new())
        .effective(HashSet::new())
        .inheritable(HashSet::new())
        .permitted(HashSet::new())
        .ambient(HashSet::new())
        .build()?;
    let process = ProcessBuilder::default()
        .terminal(false)
        .user(UserBuilder::default().uid(0_u32).gid(0_u32).build()?)
        .args(args)
        .env(env)
        .cwd(if options.work.is_some() { WORK } else { "/" })
        .capabilities(none)
        // The limits of the caller, as the native twin has them.
        .rlimits(Vec::new())
        .no_new_privileges(true);
    Ok(match options.oom_score_adj {
        Some(score) => process.oom_score_adj(score).build()?,
        None => process.build()?,
    })
}

fn linux(options: &ContainerOptions) -> Result<Linux, BundleError> {
    let mut namespaces = vec![
        LinuxNamespaceType::Pid,
        LinuxNamespaceType::Ipc,
        LinuxNamespaceType::Uts,
        LinuxNamespaceType::Mount,
        LinuxNamespaceType::Cgroup,
    ];
    if options.network == Network::Empty {
        namespaces.push(LinuxNamespaceType::Network);
    }
    if options.privileges != Privileges::Root {
        namespaces.push(LinuxNamespaceType::User);
    }
    let namespaces: Vec<LinuxNamespace> = namespaces
        .into_iter()
        .map(|kind| LinuxNamespaceBuilder::default().typ(kind).build())
        .collect::<Result<_, OciSpecError>>()?;
    let mut linux = LinuxBuilder::default()
        .namespaces(namespaces)
        .masked_paths(get_default_maskedpaths())
        .readonly_paths(get_default_readonly_paths());
    if options.seccomp != Seccomp::None {
        linux = linux.seccomp(seccomp::default_profile()?);
    }
    if let Some(path) = &options.cgroup {
        linux = linux.cgroups_path(path);
    }
    Ok(match options.privileges {
        Privileges::Root => linux.resources(resources(&options.limits)?).build()?,
        Privileges::Rootless { uid, gid } => {
            let mut linux = linux
                .cgroups_path(NO_CGROUP)
                .uid_mappings(vec![root_is(uid)?])
                .gid_mappings(vec![root_is(gid)?])
                .build()?;
            // The builder's default has resources, and without a cgroup they
            // would be a promise nobody keeps.
            linux.set_resources(None);
            linux
        }
    })
}

fn root_is(host: u32) -> Result<oci_spec::runtime::LinuxIdMapping, OciSpecError> {
    LinuxIdMappingBuilder::default()
        .container_id(0_u32)
        .host_id(host)
        .size(1_u32)
        .build()
}

fn resources(limits: &Limits) -> Result<LinuxResources, OciSpecError> {
    // No device but the ones every runtime adds by itself: null, zero, random, …
    let no_devices = LinuxDeviceCgroupBuilder::default()
        .allow(false)
        .access("rwm")
        .build()?;
    let mut resources = LinuxResourcesBuilder::default().devices(vec![no_devices]);
    if let Some(bytes) = limits.memory {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        resources = resources.memory(LinuxMemoryBuilder::default().limit(bytes).build()?);
    }
    if let Some(pids) = limits.pids {
        resources = resources.pids(LinuxPidsBuilder::default().limit(pids).build()?);
    }
    if let Some(cpus) = &limits.cpus {
        resources = resources.cpu(LinuxCpuBuilder::default().cpus(cpus.as_str()).build()?);
    }
    resources.build()
}

fn mounts(app: Option<&Path>, options: &ContainerOptions) -> Result<Vec<Mount>, BundleError> {
    let rootless = options.privileges != Privileges::Root;
    let safe = ["nosuid", "noexec", "nodev"];
    let with = |extra: &[&'static str]| [&safe[..], extra].concat();

    let mut mounts = vec![
        mount("/proc", "proc", "proc", &[])?,
        mount(
            "/dev",
            "tmpfs",
            "tmpfs",
            &["nosuid", "strictatime", "mode=755", "size=65536k"],
        )?,
    ];
    if options.mounts == Mounts::Standard {
        let mut pts = vec![
            "nosuid",
            "noexec",
            "newinstance",
            "ptmxmode=0666",
            "mode=0620",
        ];
        if !rootless {
            // The group tty, which a user namespace of one user does not have.
            pts.push("gid=5");
        }
        mounts.push(mount("/dev/pts", "devpts", "devpts", &pts)?);
        let shm = with(&["mode=1777", "size=65536k"]);
        mounts.push(mount("/dev/shm", "tmpfs", "shm", &shm)?);
        mounts.push(mount("/dev/mqueue", "mqueue", "mqueue", &safe)?);
        if rootless {
            mounts.push(mount("/sys", "none", "/sys", &with(&["rbind", "ro"]))?);
        } else {
            mounts.push(mount("/sys", "sysfs", "sysfs", &with(&["ro"]))?);
            let cgroup = with(&["relatime", "ro"]);
            mounts.push(mount("/sys/fs/cgroup", "cgroup", "cgroup", &cgroup)?);
        }
    }
    if let Some(app) = app {
        let read_only = ["rbind", "ro", "nosuid", "nodev"];
        mounts.push(mount(PROGRAM, "none", utf8(app)?, &read_only)?);
    }
    if let Some(dir) = &options.work {
        mounts.push(mount(WORK, "none", utf8(dir)?, &["rbind", "rw"])?);
    }
    Ok(mounts)
}

fn mount(
    destination: &str,
    kind: &str,
    source: &str,
    options: &[&str],
) -> Result<Mount, OciSpecError> {
    let options: Vec<String> = options.iter().map(|text| (*text).to_owned()).collect();
    MountBuilder::default()
        .destination(destination)
        .typ(kind)
        .source(source)
        .options(options)
        .build()
}

fn utf8(path: &Path) -> Result<&str, BundleError> {
    path.to_str()
        .ok_or_else(|| BundleError::NotUtf8(path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn config(options: &ContainerOptions) -> Value {
        let dir = tempfile::tempdir().unwrap();
        let rootfs = Rootfs::open(dir.path()).unwrap();
        serde_json::to_value(build(&rootfs, options).unwrap()).unwrap()
    }

    fn namespaces(config: &Value) -> Vec<&str> {
        let list = config["linux"]["namespaces"].as_array().unwrap();
        list.iter().map(|ns| ns["type"].as_str().unwrap()).collect()
    }

    fn destinations(config: &Value) -> Vec<&str> {
        let list = config["mounts"].as_array().unwrap();
        list.iter()
            .map(|mount| mount["destination"].as_str().unwrap())
            .collect()
    }

    #[test]
    fn the_default_is_locked_down() {
        let config = config(&ContainerOptions::default());
        assert_eq!(config["root"]["readonly"], json!(true));
        assert_eq!(config["process"]["noNewPrivileges"], json!(true));
        for set in [
            "bounding",
            "effective",
            "inheritable",
            "permitted",
            "ambient",
        ] {
            assert_eq!(config["process"]["capabilities"][set], json!([]), "{set}");
        }
        assert_eq!(
            namespaces(&config),
            ["pid", "ipc", "uts", "mount", "cgroup"]
        );
        let masked = config["linux"]["maskedPaths"].as_array().unwrap();
        assert!(masked.contains(&json!("/proc/kcore")));
        let readonly = config["linux"]["readonlyPaths"].as_array().unwrap();
        assert!(readonly.contains(&json!("/proc/sys")));
        assert_eq!(
            config["linux"]["resources"]["devices"],
            json!([{"allow": false, "access": "rwm"}])
        );
        assert_eq!(config["process"]["cwd"], json!("/"));
        assert_eq!(config["process"]["args"], json!(["/app"]));
        assert!(config["linux"].get("seccomp").is_none());
    }

    #[test]
    fn without_root_there_is_a_user_namespace_and_no_cgroup() {
        let config = config(&ContainerOptions {
            privileges: Privileges::Rootless { uid: 1000, gid: 50 },
            ..ContainerOptions::default()
        });
        assert!(namespaces(&config).contains(&"user"));
        assert_eq!(
            config["linux"]["uidMappings"],
            json!([{"containerID": 0, "hostID": 1000, "size": 1}])
        );
        assert_eq!(
            config["linux"]["gidMappings"],
            json!([{"containerID": 0, "hostID": 50, "size": 1}])
        );
        assert!(config["linux"].get("resources").is_none());
        assert!(!destinations(&config).contains(&"/sys/fs/cgroup"));
    }

    #[test]
    fn a_work_directory_is_mounted_and_entered() {
        let config = config(&ContainerOptions {
            work: Some("/srv/data".into()),
            mounts: Mounts::Minimal,
            args: vec!["a b".to_owned()],
            env: vec![("K".to_owned(), "v=w".to_owned())],
            ..ContainerOptions::default()
        });
        assert_eq!(destinations(&config), ["/proc", "/dev", "/work"]);
        assert_eq!(config["mounts"][2]["source"], json!("/srv/data"));
        assert_eq!(config["process"]["cwd"], json!("/work"));
        assert_eq!(config["process"]["args"], json!(["/app", "a b"]));
        assert_eq!(config["process"]["env"], json!(["K=v=w"]));
    }

    #[test]
    fn a_program_on_a_shared_image_is_mounted_read_only() {
        let dir = tempfile::tempdir().unwrap();
        let (root, app) = (dir.path().join("root"), dir.path().join("app"));
        std::fs::create_dir(&root).unwrap();
        std::fs::create_dir(&app).unwrap();
        let entry = ["/usr/bin/python3", "/app/a.py"].map(str::to_owned);
        let rootfs = Rootfs::shared(&root, &app, entry.to_vec()).unwrap();
        let options = ContainerOptions {
            args: vec!["x".to_owned()],
            ..ContainerOptions::default()
        };
        let config = serde_json::to_value(build(&rootfs, &options).unwrap()).unwrap();
        let words = json!(["/usr/bin/python3", "/app/a.py", "x"]);
        assert_eq!(config["process"]["args"], words);
        let mounts = config["mounts"].as_array().unwrap();
        let mounted = mounts.iter().find(|mount| mount["destination"] == "/app");
        let mounted = mounted.unwrap();
        assert_eq!(mounted["source"], json!(app.canonicalize().unwrap()));
        assert!(
            mounted["options"]
                .as_array()
                .unwrap()
                .contains(&json!("ro"))
        );
    }

    #[test]
    fn limits_and_an_empty_network_are_written() {
        let config = config(&ContainerOptions {
            network: Network::Empty,
            limits: Limits {
                memory: Some(1 << 26),
                pids: Some(9),
                cpus: Some("0-1".to_owned()),
            },
            oom_score_adj: Some(500),
            ..ContainerOptions::default()
        });
        assert!(namespaces(&config).contains(&"network"));
        let resources = &config["linux"]["resources"];
        assert_eq!(resources["memory"]["limit"], json!(1 << 26));
        assert_eq!(resources["pids"]["limit"], json!(9));
        assert_eq!(resources["cpu"]["cpus"], json!("0-1"));
        assert_eq!(config["process"]["oomScoreAdj"], json!(500));
    }
}
