import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { errorText, get, post } from '../api.ts'
import { actorText } from '../ui/base/actor.ts'
import { Button } from '../ui/base/button.tsx'
import { LoadError, Note } from '../ui/base/empty.tsx'
import { every } from '../ui/base/every.ts'
import { count, Time } from '../ui/base/figures.tsx'
import { Status } from '../ui/base/status.tsx'
import { nearTime } from '../ui/base/time.ts'
import { TextField } from '../ui/form/form.tsx'
import { PageHead } from '../ui/list/tabs.tsx'
import { useSay } from '../words.ts'
import { FoundBuyer } from './found-buyer.tsx'
import type { Search } from './types.ts'

/** 个人信息: the data of one buyer is found, handed out and erased. */
export default function PrivacyPage() {
  const say = useSay()
  const [text, setText] = useState('')
  const [search, setSearch] = useState<Search>()
  const find = useMutation({
    mutationFn: (asked: Search) => post('/privacy/find', asked),
    onMutate: setSearch,
  })
  const q = text.trim()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (q.length > 1) find.mutate({ q })
  }
  return (
    <div className="page">
      <PageHead
        title={say(['个人信息', 'Personal data'])}
        sub={say(['买家要看、要删自己的信息时用', 'For a buyer who asks to see or to erase what is stored'])}
      />
      <div className="scroll body">
        <form className="panel" style={{ padding: 16 }} onSubmit={submit}>
          <div className="row" style={{ alignItems: 'flex-end' }}>
            <TextField
              label={say([
                '买家昵称、平台买家编号、手机号，或一个交易号',
                'Nick or id of the buyer, mobile number, or a trade number',
              ])}
              value={text}
              maxLength={100}
              onChange={setText}
              autoFocus
            />
            <Button
              kind="primary"
              action="find-buyer"
              type="submit"
              busy={find.isPending}
              why={q.length > 1 ? undefined : say(['先填至少两个字', 'Type at least two characters'])}
            >
              {say(['查找', 'Find'])}
            </Button>
          </div>
          {find.error && <Note tone="bad">{errorText(find.error)}</Note>}
        </form>
        {find.data && search && (
          <FoundBuyer
            found={find.data}
            search={search}
            again={(platform) =>
              find.mutate({ q: search.q, ...(platform === undefined ? {} : { platform }) })
            }
          />
        )}
        <Erasures />
      </div>
    </div>
  )
}

/** The erasures until now. They do not say whose. */
function Erasures() {
  const say = useSay()
  const queries = useQueryClient()
  const erasures = useQuery({
    queryKey: ['/privacy/erasures'],
    queryFn: () => get('/privacy/erasures'),
    // Only an erasure that is under way changes.
    refetchInterval: (query) =>
      every(query.state.data?.rows.some(({ endedAt }) => !endedAt) ? 3_000 : 60_000)(query),
  })
  if (erasures.error)
    return (
      <LoadError
        error={erasures.error}
        onRetry={() => void queries.invalidateQueries({ queryKey: ['/privacy/erasures'] })}
      />
    )
  const rows = erasures.data?.rows ?? []
  if (rows.length === 0) return null
  return (
    <div className="panel">
      <table className="plain-table">
        <thead>
          <tr>
            <th>{say(['抹去', 'Erased'])}</th>
            <th>{say(['操作人', 'By'])}</th>
            <th>{say(['状态', 'State'])}</th>
            <th className="right">{say(['单据', 'Documents'])}</th>
            <th className="right">{say(['改写的记录', 'Rows overwritten'])}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td>
                <Time at={row.createdAt} say={nearTime} />
              </td>
              <td>{actorText(row.by, say)}</td>
              <td>
                <Status tone={row.endedAt ? 'ok' : 'ring'}>
                  {row.endedAt
                    ? say(['已抹去', 'Erased'])
                    : say(['抹去中 {done}/{trades}', 'Erasing {done}/{trades}'], {
                        done: row.done,
                        trades: row.trades,
                      })}
                </Status>
              </td>
              <td className="right num">{count(row.trades)}</td>
              <td className="right num">{count(row.rows)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
