import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { StartError } from '../../lib/stopping.ts'
import { nodeFlags } from './children.ts'

export type PrepareRequest =
  | { what: 'database'; isEmbedded: boolean; isDemo: boolean; anyway: boolean }
  | { what: 'link' }
  | { what: 'demo'; sandboxUrl: string }
export type PrepareAnswer = { say: string } | { done: string } | { failed: string; code: number }

export type Preparing = {
  /** Sends a request to the process, one at a time. Throws a StartError with the message of a failed request. */
  ask(request: PrepareRequest): Promise<string>
  /** Ends the process, after five seconds by force, and settles when it has ended. A request without an answer fails. */
  end(): Promise<void>
}

/** Starts a process for the work that is done once at each start: preparing the database, the set-up link, the demo. */
export function startPreparing(
  env: Record<string, string | undefined>,
  say: (line: string) => void,
): Preparing {
  const script = fileURLToPath(new URL('../../start/prepare.ts', import.meta.url))
  const child = spawn(process.execPath, [...nodeFlags, script], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env,
    // Without a process group of its own, the process would also get the Ctrl-C of the terminal.
    detached: process.platform !== 'win32',
  })
  const gone = new Promise<void>((settle) => child.once('exit', () => settle()).once('error', () => settle()))
  return {
    ask: (request) => answerOf(child, request, say),
    async end() {
      if (child.connected) child.disconnect()
      const killer = setTimeout(() => child.kill('SIGKILL'), 5000)
      await gone
      clearTimeout(killer)
    },
  }
}

function answerOf(
  child: ChildProcess,
  request: PrepareRequest,
  say: (line: string) => void,
): Promise<string> {
  return new Promise((settle, fail) => {
    const gone = () => fail(new Error('The preparing process ended before it was done.'))
    const onMessage = (answer: PrepareAnswer) => {
      if ('say' in answer) return say(answer.say)
      child.off('message', onMessage).off('exit', gone).off('error', fail)
      if ('done' in answer) settle(answer.done)
      else fail(new StartError(answer.failed, answer.code))
    }
    child.on('message', onMessage).once('exit', gone).once('error', fail)
    child.send(request)
  })
}
