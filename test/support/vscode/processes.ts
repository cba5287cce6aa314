import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

interface ProcessEntry {
  pid: number;
  parent: number;
  command: string;
}

async function listFromProc(): Promise<ProcessEntry[]> {
  const names = (await fs.readdir('/proc')).filter(name => /^\d+$/.test(name));
  const entries = await Promise.all(
    names.map(async name => {
      try {
        const [stat, command] = await Promise.all([
          fs.readFile(`/proc/${name}/stat`, 'utf8'),
          fs.readFile(`/proc/${name}/cmdline`, 'utf8'),
        ]);
        // "pid (name) state parent ...", where the name may hold spaces and brackets.
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        if (state === 'Z') return [];
        return [{ pid: Number(name), parent: Number(parent), command: command.replaceAll('\0', ' ') }];
      } catch {
        // It ended between the listing and the reading.
        return [];
      }
    }),
  );
  return entries.flat();
}

async function listFromPs(): Promise<ProcessEntry[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,args='], { maxBuffer: 64e6 });
  return stdout.split('\n').flatMap(line => {
    const match = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line);
    return match ? [{ pid: Number(match[1]), parent: Number(match[2]), command: match[3] ?? '' }] : [];
  });
}

async function listFromWindows(): Promise<ProcessEntry[]> {
  const query =
    'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId) $($_.ParentProcessId) $($_.CommandLine)" }';
  const { stdout } = await run('powershell', ['-NoProfile', '-Command', query], { maxBuffer: 64e6 });
  return stdout.split(/\r?\n/).flatMap(line => {
    const match = /^(\d+) (\d+) (.*)$/.exec(line);
    return match ? [{ pid: Number(match[1]), parent: Number(match[2]), command: match[3] ?? '' }] : [];
  });
}

function listProcesses(): Promise<ProcessEntry[]> {
  if (process.platform === 'linux') return listFromProc();
  return process.platform === 'win32' ? listFromWindows() : listFromPs();
}

/** The processes started by `pid`, and theirs, oldest first. */
export async function listDescendants(pid: number): Promise<ProcessEntry[]> {
  const all = await listProcesses();
  const found: ProcessEntry[] = [];
  const parents = new Set([pid]);
  for (const entry of all.sort((a, b) => a.pid - b.pid)) {
    if (!parents.has(entry.parent)) continue;
    parents.add(entry.pid);
    found.push(entry);
  }
  return found;
}

/** Whether a process of this id is there. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error: unknown) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Makes a process stand still, as in a debugger or a laptop asleep; not on Windows. */
export function suspendProcess(pid: number): void {
  process.kill(pid, 'SIGSTOP');
}

/** Lets a process that stands still go on. */
export function resumeProcess(pid: number): void {
  process.kill(pid, 'SIGCONT');
}

/** Ends one process, by its id; one that is gone already is no error. */
export function endProcess(pid: number, signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch (error: unknown) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
