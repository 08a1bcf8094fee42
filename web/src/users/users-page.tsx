import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { get } from '../api.ts'
import { PageActs } from '../ui/act/acts.tsx'
import { Empty, LoadError } from '../ui/base/empty.tsx'
import { Time } from '../ui/base/figures.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { Status, type Tone } from '../ui/base/status.tsx'
import { nearTime } from '../ui/base/time.ts'
import { type Column, DataList } from '../ui/list/data-list.tsx'
import { Chips } from '../ui/list/filter-bar.tsx'
import { type Field, toQuery } from '../ui/list/filters.ts'
import { useRows } from '../ui/list/rows.ts'
import { useUrlState } from '../ui/list/search-params.ts'
import { PageHead } from '../ui/list/tabs.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import { type Grant, grantText } from './grants.tsx'
import type { UserRow } from './types.ts'
import { UserDialog } from './user-dialog.tsx'

const stateWords: Record<UserRow['state'], LocalizedPair> = {
  active: ['在用', 'Active'],
  invited: ['等设密码', 'Invited'],
  disabled: ['已停用', 'Disabled'],
}
const tones: Record<UserRow['state'], Tone> = { active: 'ok', invited: 'ring', disabled: 'void' }

const fields: readonly Field[] = [
  { key: 'q', label: ['搜索', 'Search'], kind: 'text', hint: ['姓名或邮箱', 'Name or e-mail'] },
  {
    key: 'state',
    label: ['状态', 'State'],
    kind: 'options',
    options: Object.entries(stateWords).map(([value, label]) => ({ value, label })),
  },
]

const columns: readonly Column<UserRow>[] = [
  {
    key: 'name',
    title: ['姓名', 'Name'],
    width: 'minmax(120px,160fr)',
    fixed: true,
    cell: (user) => <div className="cut medium">{user.name}</div>,
  },
  {
    key: 'email',
    title: ['邮箱', 'E-mail'],
    width: 'minmax(180px,240fr)',
    cell: (user) => <div className="cut">{user.email}</div>,
  },
  {
    key: 'roles',
    title: ['角色', 'Roles'],
    width: 'minmax(140px,200fr)',
    cell: (user) => <RoleNames user={user} />,
  },
  {
    key: 'shops',
    title: ['店铺', 'Shops'],
    width: '80px',
    cell: ({ shops }) => <GrantCount granted={shops} />,
  },
  {
    key: 'warehouses',
    title: ['仓库', 'Warehouses'],
    width: '96px',
    cell: ({ warehouses }) => <GrantCount granted={warehouses} />,
  },
  {
    key: 'two',
    title: ['两步验证', 'Two-step'],
    width: '110px',
    cell: (user) => <TwoFactor on={user.twoFactor} />,
  },
  { key: 'state', title: ['状态', 'State'], width: '120px', cell: (user) => <State user={user} /> },
  {
    key: 'last',
    title: ['上次登录', 'Last sign-in'],
    width: '120px',
    align: 'right',
    cell: (user) => (
      <span className="t2">
        <Time at={user.lastSignInAt} say={nearTime} />
      </span>
    ),
  },
]

function RoleNames({ user }: { user: UserRow }) {
  const say = useSay()
  return (
    <div className="cut t2">
      {user.roles.map((role) => say([role.name, role.nameEn || role.name])).join(say(['、', ', ']))}
    </div>
  )
}

function GrantCount({ granted }: { granted: Grant }) {
  return <span className="t2">{grantText(granted, useSay())}</span>
}

function TwoFactor({ on }: { on: boolean }) {
  const say = useSay()
  return (
    <Status tone={on ? 'ok' : 'ring'}>
      <span className="t2">{on ? say(['已开', 'On']) : say(['没开', 'Off'])}</span>
    </Status>
  )
}

function State({ user }: { user: UserRow }) {
  return <Status tone={tones[user.state]}>{useSay()(stateWords[user.state])}</Status>
}

export default function UsersPage() {
  const say = useSay()
  const why = useAllowed()('users.write')
  const [search] = useUrlState()
  const [focus, setFocus] = useState<string>()
  const [dialog, setDialog] = useState<UserRow | 'new'>()
  const list = useRows<UserRow>('/users', toQuery(fields, search))
  const roles = useQuery({ queryKey: ['/roles'], queryFn: () => get('/roles') })
  return (
    <div className="page">
      <PageHead title={say(['用户', 'Users'])}>
        <PageActs
          acts={[
            {
              name: 'add',
              words: ['新增用户…', 'Add a user…'],
              letter: 'N',
              primary: true,
              why,
              run: () => setDialog('new'),
            },
          ]}
        />
      </PageHead>
      <div className="filter-bar">
        <Chips fields={fields} />
      </div>
      <DataList
        label={say(['用户', 'Users'])}
        list={list}
        columns={columns}
        rowHeight={40}
        focus={focus}
        onFocus={setFocus}
        onOpen={setDialog}
        empty={
          list.error ? (
            <LoadError error={list.error} onRetry={list.refetch} />
          ) : (
            <Empty title={say(['没有符合的用户', 'No such user'])} />
          )
        }
      />
      {dialog && roles.data && (
        <UserDialog
          key={dialog === 'new' ? 'new' : dialog.id}
          user={dialog === 'new' ? undefined : dialog}
          roles={roles.data.rows}
          onClose={() => setDialog(undefined)}
        />
      )}
    </div>
  )
}
