import { useQuery } from '@tanstack/react-query'
import { messageList, messageStateWords } from '../../../server/webhooks/lists-contract.ts'
import { webhookVerbs } from '../../../server/webhooks/verbs-contract.ts'
import { actionsOn } from '../ui/act/actions.ts'
import { Time } from '../ui/base/figures.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { Soon, soon } from '../ui/base/soon.tsx'
import { Status, type Tone } from '../ui/base/status.tsx'
import { nearTime } from '../ui/base/time.ts'
import { listOf } from '../ui/list/declared.tsx'
import { ListPage } from '../ui/list/list-page.tsx'
import { type Say, useSay } from '../words.ts'
import { type Message, subscriptionsQuery } from './query.ts'

const messageDrawer = soon(() => import('./message-drawer-page.tsx'))
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

function Answer({ row }: { row: Message }) {
  const say = useSay()
  return <span className={row.failure ? 'cut' : 'cut t2'}>{answerText(row, say)}</span>
}

const config = listOf<Message>(messageList, {
  cells: {
    createdAt: (row) => <Time at={row.createdAt} />,
    answer: (row) => <Answer row={row} />,
    next: (row) => (
      <span className="t2">
        <Time at={row.dueAt} say={nearTime} />
      </span>
    ),
  },
  actions,
  nameOf: (row) => row.no,
})

/** 推送记录 of one subscription. */
export function Messages({ subscription }: { subscription: string }) {
  const say = useSay()
  const found = useQuery(subscriptionsQuery).data?.rows.find(({ id }) => id === subscription)
  return (
    <ListPage
      config={config}
      head={
        <span className="t2">
          <PageLink to="/webhooks" search={{}}>
            {say(['事件推送', 'Webhooks'])}
          </PageLink>{' '}
          › {found?.name ?? subscription}
        </span>
      }
      outcomeTitle={['状态', 'State']}
      outcome={(row) => ({ first: <MessageState row={row} />, second: '' })}
    >
      {({ rows, loading, at, step, close }) => (
        <Soon
          part={messageDrawer}
          props={{ row: rows[at], loading, at, total: rows.length, step, onClose: close }}
        />
      )}
    </ListPage>
  )
}
