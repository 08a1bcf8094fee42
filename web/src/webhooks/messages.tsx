import { useQuery } from '@tanstack/react-query'
import { messageList } from '../../../server/webhooks/lists-contract.ts'
import { Time } from '../ui/base/figures.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { Soon, soon } from '../ui/base/soon.tsx'
import { nearTime } from '../ui/base/time.ts'
import { listOf } from '../ui/list/declared.tsx'
import { ListPage } from '../ui/list/list-page.tsx'
import { useSay } from '../words.ts'
import { actions, answerText, MessageState } from './message-acts.tsx'
import { type Message, subscriptionsQuery } from './query.ts'

const messageDrawer = soon(() => import('./message-drawer-page.tsx'))
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
