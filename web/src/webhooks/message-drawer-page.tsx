import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { webhookKindWords } from '../../../server/webhooks/lists-contract.ts'
import { get } from '../api.ts'
import { useActions } from '../ui/act/actions.ts'
import { Acts } from '../ui/act/acts.tsx'
import { Note } from '../ui/base/empty.tsx'
import { Time } from '../ui/base/figures.tsx'
import { nearTime } from '../ui/base/time.ts'
import { ListDialogs } from '../ui/list/list-dialogs.tsx'
import { useNoRow } from '../ui/list/no-row.tsx'
import { Drawer } from '../ui/overlay/drawer.tsx'
import { Facts } from '../ui/overlay/facts.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import { answerText, MessageState, actions as offered } from './message-acts.tsx'
import type { Message } from './query.ts'

type DrawerProps = {
  row: Message | undefined
  loading: boolean
  at: number
  total: number
  step: (by: number) => void
  onClose: () => void
}

/** One message: its event, how the attempts went, and the text that is sent. */
export default function MessageDrawer({ row, loading, at, total, step, onClose }: DrawerProps) {
  const say = useSay()
  const title = row ? say(webhookKindWords[row.kind] ?? [row.kind, row.kind]) : say(['推送记录', 'Message'])
  const none = useNoRow(row, loading, ['已经不在这个标签页里', 'It has left this tab'])
  return (
    <Drawer
      label={title}
      at={at}
      total={total}
      step={step}
      onClose={onClose}
      title={
        <>
          <h2 className="cut">{title}</h2>
          {row && <MessageState row={row} />}
        </>
      }
      foot={row && <Foot key={row.id} row={row} />}
    >
      <div className="drawer-body one">
        <div className="drawer-main">{row ? <Content row={row} /> : none}</div>
      </div>
    </Drawer>
  )
}

function Foot({ row }: { row: Message }) {
  const actions = useActions<Message>(() => undefined)
  return (
    <>
      <Acts acts={offered.map((action) => actions.actOf(action, row))} busy={actions.busy} />
      <ListDialogs actions={actions} batch={undefined} rows={[row]} nameOf={(each) => each.no} />
    </>
  )
}

function Content({ row }: { row: Message }) {
  const say = useSay()
  const whole = useQuery({
    queryKey: ['/webhook-messages', row.id, row.state],
    queryFn: () => get('/webhook-messages/:id', { id: row.id }),
  })
  const text = answerText(row, say)
  const facts: [LocalizedPair, ReactNode][] = [
    [['推送', 'Webhook'], row.subscription],
    [['事件', 'Event'], row.kind],
    [['单号', 'Document'], row.no],
    [['编号', 'Id'], `msg_${row.id}`],
    [['产生', 'Made'], <Time key="made" at={row.createdAt} />],
    [['上次发送', 'Last attempt'], <Time key="tried" at={row.triedAt} />],
    [['次数', 'Tries'], row.attempts],
    [['再试', 'Next try'], <Time key="next" at={row.dueAt} say={nearTime} />],
  ]
  return (
    <>
      {text !== '' && <Note tone={row.failure ? 'bad' : 'ok'}>{text}</Note>}
      <Facts facts={facts} />
      {whole.data && (
        <pre
          className="code-box"
          style={{ margin: '0 20px', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}
        >
          {JSON.stringify(JSON.parse(whole.data.body), null, 2)}
        </pre>
      )}
    </>
  )
}
