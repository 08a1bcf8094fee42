import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { RelayOut } from '../../../server/shops/relays/relay-contract.ts'
import { post, remove } from '../api.ts'
import { Button } from '../ui/base/button.tsx'
import { Empty, LoadError } from '../ui/base/empty.tsx'
import { every } from '../ui/base/every.ts'
import { Time } from '../ui/base/figures.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { Status } from '../ui/base/status.tsx'
import { nearTime } from '../ui/base/time.ts'
import { PageHead } from '../ui/list/tabs.tsx'
import { Confirm } from '../ui/overlay/confirm.tsx'
import { toastError } from '../ui/overlay/toasts.tsx'
import { CopyBox } from '../users/copy-box.tsx'
import { SecretDialog } from '../users/secret-dialog.tsx'
import { useSay } from '../words.ts'
import { relaysQuery } from './relays-query.ts'

/** 中继: processes in the clouds of platforms, through which shops are called. */
export default function RelaysPage() {
  const say = useSay()
  const queries = useQueryClient()
  const why = useAllowed()('api_keys.write')
  const [adding, setAdding] = useState(false)
  const [removing, setRemoving] = useState<RelayOut>()
  const [renewing, setRenewing] = useState<RelayOut>()
  const relays = useQuery({ ...relaysQuery, refetchInterval: every(10_000) })
  const end = useMutation({
    mutationFn: (id: string) => remove('/relays/:id', { id }),
    onSettled: () => {
      setRemoving(undefined)
      return queries.invalidateQueries({ queryKey: relaysQuery.queryKey })
    },
    onError: toastError,
  })
  const rows = relays.data?.rows
  return (
    <div className="page">
      <PageHead
        title={say(['中继', 'Relays'])}
        sub={<PageLink to="/shops">{say(['全部店铺', 'All shops'])}</PageLink>}
      >
        <Button kind="primary" why={why} onClick={() => setAdding(true)}>
          {say(['新增中继…', 'New relay…'])}
        </Button>
      </PageHead>
      <div className="scroll body">
        {relays.error && <LoadError error={relays.error} onRetry={() => void relays.refetch()} />}
        {rows?.length === 0 && (
          <Empty
            title={say(['还没有中继', 'No relays yet'])}
            remedy={say([
              '平台只许在自己云里取数据时才要中继；其他店铺直接接入。',
              'A relay is needed only where a platform lets its data be read inside its own cloud; other shops connect directly.',
            ])}
          />
        )}
        {rows && rows.length > 0 && (
          <RelayTable rows={rows} why={why} onRenew={setRenewing} onRemove={setRemoving} />
        )}
      </div>
      {adding && <NewRelayDialog onClose={() => setAdding(false)} />}
      {renewing && <NewKeyDialog relay={renewing} onClose={() => setRenewing(undefined)} />}
      {removing && (
        <Confirm
          danger
          title={say(['删除中继 {name}', 'Remove {name}'], { name: removing.name })}
          act={say(['删除中继', 'Remove the relay'])}
          busy={end.isPending}
          onConfirm={() => end.mutate(removing.id)}
          onClose={() => setRemoving(undefined)}
        >
          <p>{say(['它的密钥马上失效。', 'Its key ends at once.'])}</p>
        </Confirm>
      )}
    </div>
  )
}

function RelayTable(props: {
  rows: readonly RelayOut[]
  why: string | undefined
  onRenew: (relay: RelayOut) => void
  onRemove: (relay: RelayOut) => void
}) {
  const say = useSay()
  return (
    <div className="panel">
      <table className="plain-table">
        <thead>
          <tr>
            <th>{say(['名称', 'Name'])}</th>
            <th>{say(['状态', 'State'])}</th>
            <th>{say(['店铺', 'Shops'])}</th>
            <th>{say(['密钥开头', 'Key begins with'])}</th>
            <th className="right">{say(['上次来取', 'Last asked'])}</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {props.rows.map((relay) => (
            <tr key={relay.id}>
              <td className="medium">{relay.name}</td>
              <td>
                <RelayState relay={relay} />
              </td>
              <td className="t2">{relay.shops.join('、') || '–'}</td>
              <td className="num">{relay.prefix}…</td>
              <td className="right t2">
                <Time at={relay.heardAt} say={nearTime} />
              </td>
              <td className="right">
                <Button size="small" why={props.why} onClick={() => props.onRenew(relay)}>
                  {say(['更换密钥…', 'New key…'])}
                </Button>
                <Button
                  size="small"
                  kind="danger-quiet"
                  why={props.why}
                  onClick={() => props.onRemove(relay)}
                >
                  {say(['删除…', 'Remove…'])}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function RelayState({ relay: { live, heardAt } }: { relay: RelayOut }) {
  const say = useSay()
  if (live) return <Status tone="ok">{say(['在线', 'On'])}</Status>
  return heardAt === null ? (
    <Status tone="ring">{say(['还没来过', 'Not seen yet'])}</Status>
  ) : (
    <Status tone="warn">{say(['没有来取任务', 'Silent'])}</Status>
  )
}

function NewKeyDialog({ relay, onClose }: { relay: RelayOut; onClose: () => void }) {
  return (
    <SecretDialog
      danger
      title={[`更换 ${relay.name} 的密钥`, `New key for ${relay.name}`]}
      about={[
        '原来的密钥马上失效；新密钥填到 relay.json 之前，经它的店铺连不上平台。',
        'The old key ends at once. Until the relay has the new one, its shops cannot reach their platform.',
      ]}
      act={['更换密钥', 'Give it a new key']}
      make={() => post('/relays/:id/key', {}, { id: relay.id })}
      list={relaysQuery.queryKey}
      given={({ key }) => <GivenKey text={key} />}
      onClose={onClose}
    />
  )
}

function GivenKey({ text }: { text: string }) {
  const say = useSay()
  return (
    <>
      <CopyBox
        text={text}
        label={say(['中继的密钥，只显示这一次', 'The key of the relay, shown this one time'])}
      />
      <p className="t2 small">
        {say([
          '填到中继那台机器的 relay.json；应用密钥也只填在那里。',
          'Enter it into relay.json on the machine of the relay. The secrets of apps go there too, and nowhere else.',
        ])}
      </p>
    </>
  )
}

const NewRelayDialog = ({ onClose }: { onClose: () => void }) => (
  <SecretDialog
    title={['新增中继', 'New relay']}
    name={['名称，比如它在哪个云', 'Name, such as the cloud that it runs in']}
    act={['生成密钥', 'Make its key']}
    make={(name) => post('/relays', { name })}
    list={relaysQuery.queryKey}
    given={({ key }) => <GivenKey text={key} />}
    onClose={onClose}
  />
)
