package pgdev

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// unprivileged is whom the server runs as when we are root, which PostgreSQL
// refuses; nil means ourselves.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			return nil, fmt.Errorf("look up the user %s: %w", name, err)
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody to run it as")
}

// attributes keep Ctrl-C in the terminal away from the server (the parent
// stops it last) and take it down when the parent is killed.
func attributes(who *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: who, Setpgid: true, Pdeathsig: syscall.SIGINT}
}

// settle makes the directory, or chooses another where the server's user
// cannot get into the wanted one.
func settle(o Options, who *syscall.Credential) (string, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return "", fmt.Errorf("find the directory of the database: %w", err)
	}
	if !reachable(filepath.Dir(dir), who) {
		elsewhere := filepath.Join("/var/tmp", "privacy-portal-"+digest(dir))
		if o.Notice != nil {
			o.Notice("The database cannot live in %s: the user that PostgreSQL runs as may not go there. It lives in %s.", dir, elsewhere)
		}
		dir = elsewhere
	}
	return dir, own(dir, who)
}

// own makes a directory that only the server's user (and root) can enter. A
// directory of somebody else is refused: temporary places are open to all.
func own(dir string, who *syscall.Credential) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return fmt.Errorf("make the directory of the database: %w", err)
	}
	uid := uint32(os.Geteuid())
	switch err := os.Mkdir(dir, 0o700); {
	case err == nil && who != nil:
		return os.Chown(dir, int(who.Uid), int(who.Gid))
	case err != nil && !errors.Is(err, os.ErrExist):
		return fmt.Errorf("make the directory of the database: %w", err)
	}
	if who != nil {
		uid = who.Uid
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("look at the directory of the database: %w", err)
	}
	owner := info.Sys().(*syscall.Stat_t).Uid
	if owner == 0 && uid != 0 && os.Geteuid() == 0 && info.IsDir() { // made by root earlier
		return os.Chown(dir, int(who.Uid), int(who.Gid))
	}
	if !info.IsDir() || owner != uid {
		return fmt.Errorf("%s belongs to another user: remove it or run as that user", dir)
	}
	return os.Chmod(dir, 0o700)
}

// reachable tells whether a user may walk down to a directory. Parts that do
// not exist yet will be made with mode 0755.
func reachable(dir string, who *syscall.Credential) bool {
	if who == nil {
		return true
	}
	for ; ; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err == nil && !mayEnter(info, who) {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
	}
}

func mayEnter(info os.FileInfo, who *syscall.Credential) bool {
	st := info.Sys().(*syscall.Stat_t)
	switch {
	case st.Uid == who.Uid:
		return info.Mode()&0o100 != 0
	case st.Gid == who.Gid:
		return info.Mode()&0o010 != 0
	}
	return info.Mode()&0o001 != 0
}

// lockDir holds the directory until the returned file is closed, also by the
// death of the process.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("the database in %s is already running for another process: stop that one first", dir), f.Close())
	}
	return f, nil
}

// socketDir is below the directory, or in the temporary one where that would
// make the socket's path longer than the 107 bytes that fit. It is the same at
// each start, so that a killed process leaves no litter.
func socketDir(dir string, who *syscall.Credential) (string, error) {
	if socket := filepath.Join(dir, "socket"); len(socket)+len("/.s.PGSQL.5432") <= 107 {
		return socket, own(socket, who)
	}
	base := os.TempDir()
	if len(base) > 40 || !reachable(base, who) {
		base = "/tmp"
	}
	socket := filepath.Join(base, "privacy-portal-"+digest(dir))
	return socket, own(socket, who)
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:5])
}

// initialise makes the cluster beside its place and renames it, so that a
// half-made one never looks complete.
func initialise(ctx context.Context, bin, dir, workdir string, who *syscall.Credential) error {
	data := filepath.Join(dir, "data")
	if _, err := os.Stat(filepath.Join(data, "PG_VERSION")); err == nil {
		return nil
	}
	fresh := data + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("remove a half-made cluster: %w", err)
	}
	// Trust is safe only because of the socket directory's mode; C.UTF-8 sorts
	// the same on every machine.
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "-D", fresh, "-U", "postgres", "-A", "trust",
		"-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
	cmd.SysProcAttr, cmd.Dir = attributes(who), workdir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("make a new cluster in %s: %w\n%s", dir, err, out)
	}
	if err := os.Rename(fresh, data); err != nil {
		return fmt.Errorf("put the new cluster in place: %w", err)
	}
	return nil
}
