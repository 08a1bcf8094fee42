import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { namedPermission, permissions as permissionNames } from '../../../server/users/permissions.ts'
import { errorText, get, post, remove } from '../api.ts'
import { PageActs } from '../ui/act/acts.tsx'
import { actorText } from '../ui/base/actor.ts'
import { Button } from '../ui/base/button.tsx'
import { Empty, LoadError, Note } from '../ui/base/empty.tsx'
import { Time } from '../ui/base/figures.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { useMe } from '../ui/base/session.ts'
import { Status } from '../ui/base/status.tsx'
import { dateOf, nearTime } from '../ui/base/time.ts'
import { shared } from '../ui/base/words.ts'
import { Choice, TextField } from '../ui/form/form.tsx'
import { PageHead } from '../ui/list/tabs.tsx'
import { Confirm } from '../ui/overlay/confirm.tsx'
import { Dialog } from '../ui/overlay/overlay.tsx'
import { toastError } from '../ui/overlay/toasts.tsx'
import { useSay } from '../words.ts'
import { CopyBox } from './copy-box.tsx'
import { type Grant, grantText, PermissionPicker, ShopPicker, WarehousePicker } from './grants.tsx'
import type { ApiKeyRow } from './types.ts'
import './users.css'

/** 接口密钥: keys for programs, each with its own permissions, shops and end date. */
export default function ApiKeysPage() {
  const say = useSay()
  const queries = useQueryClient()
  const [adding, setAdding] = useState(false)
  const [revoking, setRevoking] = useState<ApiKeyRow>()
  const keys = useQuery({ queryKey: ['/api-keys'], queryFn: () => get('/api-keys') })
  const revoke = useMutation({
    mutationFn: (id: string) => remove('/api-keys/:id', { id }),
    onSettled: () => {
      setRevoking(undefined)
      return queries.invalidateQueries({ queryKey: ['/api-keys'] })
    },
    onError: toastError,
  })
  return (
    <div className="page">
      <PageHead
        title={say(['接口密钥', 'API keys'])}
        sub={
          <>
            <a href="/api/docs">{say(['接口文档', 'API documents'])}</a>
            {' · '}
            {say(['AI 助手（MCP）地址 {url}', 'AI assistants (MCP): {url}'], {
              url: `${location.origin}/mcp`,
            })}
          </>
        }
      >
        <PageActs
          acts={[
            {
              name: 'add',
              words: ['新增密钥…', 'New key…'],
              letter: 'N',
              primary: true,
              run: () => setAdding(true),
            },
          ]}
        />
      </PageHead>
      <div className="scroll body">
        {keys.error && <LoadError error={keys.error} onRetry={() => void keys.refetch()} />}
        {keys.data?.rows.length === 0 && (
          <Empty
            title={say(['还没有密钥', 'No keys yet'])}
            remedy={say([
              '给程序用的密钥在这里开，只显示一次。',
              'Keys for programs are made here and shown once.',
            ])}
          />
        )}
        {keys.data && keys.data.rows.length > 0 && <KeyTable keys={keys.data.rows} onRevoke={setRevoking} />}
      </div>
      {adding && <NewKeyDialog onClose={() => setAdding(false)} />}
      {revoking && (
        <Confirm
          danger
          title={say(['作废密钥 {name}', 'Revoke {name}'], { name: revoking.name })}
          act={say(['作废密钥', 'Revoke the key'])}
          busy={revoke.isPending}
          onConfirm={() => revoke.mutate(revoking.id)}
          onClose={() => setRevoking(undefined)}
        >
          <p>
            {isOfWatchdog(revoking)
              ? say([
                  '这是看门狗的密钥：作废后它不再知道告警通知改了什么，三易没有应答时可能没人说。',
                  'A watchdog uses it, and would learn no more about the alarm notices: no message may come about an outage.',
                ])
              : say([
                  '用它的程序马上不能再调用。',
                  'Programs that use it can make no more calls from now on.',
                ])}
          </p>
        </Confirm>
      )}
    </div>
  )
}

/** Its key is made, shown and removed among the alarm notices. */
const isOfWatchdog = ({ permissions: [first, ...more] }: ApiKeyRow) =>
  first === 'watchdogs.serve' && more.length === 0

function KeyTable(props: { keys: readonly ApiKeyRow[]; onRevoke: (key: ApiKeyRow) => void }) {
  const say = useSay()
  return (
    <div className="panel">
      <table className="plain-table">
        <thead>
          <tr>
            <th>{say(['名称', 'Name'])}</th>
            <th>{say(['开头', 'Begins with'])}</th>
            <th>{say(['权限', 'Permissions'])}</th>
            <th>{say(['店铺', 'Shops'])}</th>
            <th>{say(['状态', 'State'])}</th>
            <th className="right">{say(['上次用', 'Last used'])}</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {props.keys.map((key) => (
            <tr key={key.id}>
              <td className="medium">
                {key.name} <span className="t3 small">{actorText(key.createdBy.name, say)}</span>
                {isOfWatchdog(key) && (
                  <PageLink className="small" to="/alarm-channels">
                    {say(['看门狗自己的', 'Of a watchdog'])}
                  </PageLink>
                )}
              </td>
              <td className="num">{key.prefix}…</td>
              <td className="t2">{key.permissions.length}</td>
              <td className="t2">{grantText(key.shops, say)}</td>
              <td>
                <KeyState apiKey={key} />
              </td>
              <td className="right t2">
                <Time at={key.lastUsedAt} say={nearTime} />
              </td>
              <td className="right">
                {!key.revokedAt && (
                  <Button size="small" kind="danger-quiet" onClick={() => props.onRevoke(key)}>
                    {say(['作废…', 'Revoke…'])}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function KeyState({ apiKey: { revokedAt, expiresAt } }: { apiKey: ApiKeyRow }) {
  const say = useSay()
  const over = revokedAt !== null || (expiresAt !== null && Date.parse(expiresAt) < Date.now())
  return (
    <Status tone={over ? 'void' : 'ok'}>
      {revokedAt
        ? say(['已作废', 'Revoked'])
        : expiresAt
          ? say(['到 {at}', 'until {at}'], { at: dateOf(expiresAt) })
          : say(['长期', 'No end'])}
    </Status>
  )
}

const day = 86_400_000

function NewKeyDialog({ onClose }: { onClose: () => void }) {
  const say = useSay()
  const me = useMe()
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [permissions, setPermissions] = useState<string[]>([])
  const [shops, setShops] = useState<Grant>('all')
  const [warehouses, setWarehouses] = useState<Grant>('all')
  const [days, setDays] = useState('365')
  const make = useMutation({
    mutationFn: () =>
      post('/api-keys', {
        name: name.trim(),
        permissions,
        shops,
        warehouses,
        expiresAt: days === '' ? null : new Date(Date.now() + Number(days) * day).toISOString(),
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['/api-keys'] }),
  })
  const title = say(['新增密钥', 'New key'])
  const why =
    name.trim() === ''
      ? say(['先填名称', 'Give it a name first'])
      : permissions.length === 0
        ? say(['先选权限', 'Choose permissions first'])
        : undefined
  return (
    <Dialog
      wide
      title={title}
      label={title}
      keeps={make.isPending || make.data !== undefined}
      onClose={onClose}
      foot={
        make.data ? (
          <Button onClick={onClose}>{say(shared.close)}</Button>
        ) : (
          <>
            <Button busy={make.isPending} onClick={onClose}>
              {say(shared.cancel)}
            </Button>
            <Button kind="primary" why={why} busy={make.isPending} onClick={() => make.mutate()}>
              {say(['生成密钥', 'Make the key'])}
            </Button>
          </>
        )
      }
    >
      {make.data ? (
        <CopyBox text={make.data.key} label={say(['密钥，只显示这一次', 'The key, shown this one time'])} />
      ) : (
        <>
          <TextField
            label={say(['名称，比如用它的程序', 'Name, such as the program that uses it'])}
            value={name}
            onChange={setName}
            maxLength={60}
          />
          <Choice
            label={say(['有效期', 'Good for'])}
            value={days}
            onChange={setDays}
            options={[
              { value: '30', label: say(['30 天', '30 days']) },
              { value: '365', label: say(['1 年', 'A year']) },
              { value: '', label: say(['长期', 'No end']) },
            ]}
          />
          <ShopPicker value={shops} onChange={setShops} />
          <WarehousePicker value={warehouses} onChange={setWarehouses} />
          {me && (
            // A user who may create keys may lack the permission to read roles, so no roles are loaded.
            <PermissionPicker
              all={permissionNames.filter((name) => me.permissions.includes(name)).map(namedPermission)}
              value={permissions}
              onChange={setPermissions}
            />
          )}
        </>
      )}
      {make.error && <Note tone="bad">{errorText(make.error)}</Note>}
    </Dialog>
  )
}
