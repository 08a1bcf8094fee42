import { messageStateWords } from '../../../server/webhooks/lists-contract.ts'
import { webhookVerbs } from '../../../server/webhooks/verbs-contract.ts'
import { actionsOn } from '../ui/act/actions.ts'
import { Status, type Tone } from '../ui/base/status.tsx'
import { type Say, useSay } from '../words.ts'
import type { Message } from './query.ts'

const act = actionsOn<Message>()

const tones: Record<Message['state'], Tone> = { waiting: 'ring', delivered: 'ok', given_up: 'bad' }

export const actions = [
  act(webhookVerbs.replay, {
    letter: 'R',
    primary: true,
    tabs: ['waiting', 'given_up', 'delivered', 'all'],
    confirm: [
      '重发 {n} 条。程序会再收到同样的编号。',
      'Send {n} again. The program gets them under the same ids.',
    ],
  }),
]

/** Returns how the last attempt ended; empty: there was none. */
export function answerText({ failure, answerStatus, answerMs }: Message, say: Say): string {
  if (failure) return say(failure)
  return answerStatus === null
    ? ''
    : `HTTP ${answerStatus} · ${say(['{ms} 毫秒', '{ms} ms'], { ms: answerMs ?? 0 })}`
}

export function MessageState({ row }: { row: Message }) {
  const say = useSay()
  return <Status tone={tones[row.state]}>{say(messageStateWords[row.state])}</Status>
}
