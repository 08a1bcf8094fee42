import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { errorText, get, patch, post, remove } from '../api.ts'
import { PageActs } from '../ui/act/acts.tsx'
import { Button } from '../ui/base/button.tsx'
import { LoadError, Note } from '../ui/base/empty.tsx'
import { meQuery, useAllowed } from '../ui/base/session.ts'
import { shared } from '../ui/base/words.ts'
import { TextField } from '../ui/form/form.tsx'
import { PageHead } from '../ui/list/tabs.tsx'
import { Confirm } from '../ui/overlay/confirm.tsx'
import { Dialog } from '../ui/overlay/overlay.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import { PermissionPicker } from './grants.tsx'
import type { RoleRow, Roles } from './types.ts'
import './users.css'

export default function RolesPage() {
  const say = useSay()
  const why = useAllowed()('users.write')
  const [dialog, setDialog] = useState<RoleRow | 'new'>()
  const roles = useQuery({ queryKey: ['/roles'], queryFn: () => get('/roles') })
  return (
    <div className="page">
      <PageHead title={say(['角色', 'Roles'])}>
        <PageActs
          acts={[
            {
              name: 'add',
              words: ['新增角色…', 'Add a role…'],
              letter: 'N',
              primary: true,
              why,
              run: () => setDialog('new'),
            },
          ]}
        />
      </PageHead>
      <div className="scroll body">
        {roles.error && <LoadError error={roles.error} onRetry={() => void roles.refetch()} />}
        {roles.data && (
          <div className="panel">
            <table className="plain-table">
              <thead>
                <tr>
                  <th>{say(['角色', 'Role'])}</th>
                  <th>{say(['权限', 'Permissions'])}</th>
                  <th className="right">{say(['用户', 'Users'])}</th>
                  <th />
                </tr>
              </thead>
              <tbody>
                {roles.data.rows.map((role) => (
                  <tr key={role.id}>
                    <td className="medium nowrap">
                      {say([role.name, role.nameEn || role.name])}{' '}
                      {role.builtin && <span className="t3 small">{say(['内置', 'built in'])}</span>}
                    </td>
                    <td className="t2">{permissionText(role, roles.data, say)}</td>
                    <td className="right">{role.users}</td>
                    <td className="right">
                      <Button size="small" onClick={() => setDialog(role)}>
                        {say(role.builtin ? ['查看', 'See'] : ['修改…', 'Change…'])}
                      </Button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </div>
      {dialog && roles.data && (
        <RoleDialog
          key={dialog === 'new' ? 'new' : dialog.id}
          role={dialog === 'new' ? undefined : dialog}
          all={roles.data.permissions}
          onClose={() => setDialog(undefined)}
        />
      )}
    </div>
  )
}

function permissionText(role: RoleRow, roles: Roles, say: ReturnType<typeof useSay>): string {
  if (role.permissions.includes('*')) return say(['全部', 'Everything'])
  const names = roles.permissions
    .filter((permission) => role.permissions.includes(permission.name))
    .map((permission) => say([permission.label, permission.labelEn]))
  return names.length > 6
    ? `${names.slice(0, 6).join(say(['、', ', ']))} … ${names.length}`
    : names.join(say(['、', ', ']))
}

const dropWords: LocalizedPair = ['删除角色', 'Delete the role']

function RoleDialog({
  role,
  all,
  onClose,
}: {
  role: RoleRow | undefined
  all: Roles['permissions']
  onClose: () => void
}) {
  const say = useSay()
  const why = useAllowed()('users.write')
  const queries = useQueryClient()
  const [name, setName] = useState(role?.name ?? '')
  const [nameEn, setNameEn] = useState(role?.nameEn ?? '')
  const [permissions, setPermissions] = useState<readonly string[]>(role?.permissions ?? [])
  const done = () => {
    onClose()
    void queries.invalidateQueries({ queryKey: ['/roles'] })
    // It may be a role of the user themself.
    void queries.invalidateQueries({ queryKey: meQuery.queryKey })
  }
  const save = useMutation({
    mutationFn: async () => {
      const body = { name: name.trim(), nameEn: nameEn.trim(), permissions }
      await (role ? patch('/roles/:id', body, { id: role.id }) : post('/roles', body))
    },
    onSuccess: done,
  })
  const drop = useMutation({
    mutationFn: () => remove('/roles/:id', { id: role?.id ?? '' }),
    onSuccess: done,
  })
  const [dropping, setDropping] = useState(false)
  const fixed = role?.builtin ?? false
  const title = role ? say([role.name, role.nameEn || role.name]) : say(['新增角色', 'Add a role'])
  return (
    <Dialog
      wide
      title={title}
      label={title}
      onClose={onClose}
      foot={
        <>
          {role && !fixed && (
            <span style={{ marginRight: 'auto' }}>
              <Button
                kind="danger-quiet"
                why={why ?? (role.users > 0 ? say(['还有用户在用', 'Users still have it']) : undefined)}
                onClick={() => setDropping(true)}
              >
                {say(dropWords)}
              </Button>
            </span>
          )}
          <Button onClick={onClose}>{say(shared.close)}</Button>
          {!fixed && (
            <Button
              kind="primary"
              why={why ?? (name.trim() === '' ? say(['先填名称', 'Give it a name first']) : undefined)}
              busy={save.isPending}
              onClick={() => save.mutate()}
            >
              {say(shared.save)}
            </Button>
          )}
        </>
      }
    >
      {!fixed && <TextField label={say(['名称', 'Name'])} value={name} onChange={setName} maxLength={40} />}
      {!fixed && (
        <TextField
          label={say(['英文名', 'English name'])}
          value={nameEn}
          onChange={setNameEn}
          maxLength={40}
        />
      )}
      <PermissionPicker all={all} value={permissions} onChange={setPermissions} fixed={fixed} />
      {(save.error ?? drop.error) && <Note tone="bad">{errorText(save.error ?? drop.error)}</Note>}
      {dropping && (
        <Confirm
          danger
          title={say(['删除角色 {name}', 'Delete {name}'], { name: title })}
          act={say(dropWords)}
          busy={drop.isPending}
          onConfirm={() => drop.mutate(undefined, { onSettled: () => setDropping(false) })}
          onClose={() => setDropping(false)}
        >
          <p>{say(['删除后不能恢复，只能再建。', 'It cannot be restored, only made again.'])}</p>
        </Confirm>
      )}
    </Dialog>
  )
}
