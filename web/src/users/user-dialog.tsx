import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, errorText, patch, post, remove } from '../api.ts'
import { Button } from '../ui/base/button.tsx'
import { Note } from '../ui/base/empty.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { nearTime } from '../ui/base/time.ts'
import { shared } from '../ui/base/words.ts'
import { Check, TextField } from '../ui/form/form.tsx'
import { Dialog } from '../ui/overlay/overlay.tsx'
import { toast } from '../ui/overlay/toasts.tsx'
import { useSay } from '../words.ts'
import { CopyBox } from './copy-box.tsx'
import { type Grant, ShopPicker, WarehousePicker } from './grants.tsx'
import type { Link, RoleRow, UserRow } from './types.ts'

type UserForm = {
  name: string
  email: string
  roleIds: readonly string[]
  shops: Grant
  warehouses: Grant
  disabled: boolean
}
type SetForm = (change: Partial<UserForm>) => void

const formOf = (user: UserRow | undefined): UserForm => ({
  name: user?.name ?? '',
  email: user?.email ?? '',
  roleIds: user?.roles.map((role) => role.id) ?? [],
  shops: user?.shops ?? 'all',
  warehouses: user?.warehouses ?? 'all',
  disabled: user?.state === 'disabled',
})

/** Creates or changes a user. A new user gets a link for setting a password. */
export function UserDialog({
  user,
  roles,
  onClose,
}: {
  user: UserRow | undefined
  roles: readonly RoleRow[]
  onClose: () => void
}) {
  const say = useSay()
  const why = useAllowed()('users.write')
  const [form, setForm] = useState(() => formOf(user))
  const [link, setLink] = useState<Link>()
  const save = useSaveUser(user, form, (made) => (made ? setLink(made) : onClose()))
  const access = useAccess(user, setLink)
  const error = save.error ?? access.error
  const wrong = (field: string) =>
    save.error instanceof ApiError && save.error.field === field ? errorText(save.error) : undefined
  const makes = save.isPending || access.reset.isPending
  const title = user ? user.name : say(['新增用户', 'Add a user'])
  return (
    <Dialog
      title={title}
      label={title}
      keeps={makes || link !== undefined}
      onClose={onClose}
      foot={
        link ? (
          <Button onClick={onClose}>{say(shared.close)}</Button>
        ) : (
          <>
            <Button busy={makes} onClick={onClose}>
              {say(shared.cancel)}
            </Button>
            <Button kind="primary" why={why} busy={save.isPending} onClick={() => save.mutate()}>
              {user ? say(shared.save) : say(['新增并生成链接', 'Add and make a link'])}
            </Button>
          </>
        )
      }
    >
      {link ? (
        <NewLink link={link} />
      ) : (
        <>
          <UserFields
            {...{ form, roles, wrong }}
            isNew={user === undefined}
            set={(change) => setForm((now) => ({ ...now, ...change }))}
          />
          {user && <AccessButtons user={user} why={why} access={access} />}
        </>
      )}
      {error && !wrong('email') && !wrong('name') && <Note tone="bad">{errorText(error)}</Note>}
    </Dialog>
  )
}

const useRenewUsers = () => {
  const queries = useQueryClient()
  return () => queries.invalidateQueries({ queryKey: ['/users'] })
}

/** Saves the user. `onSaved` gets the link of a new user. */
function useSaveUser(user: UserRow | undefined, form: UserForm, onSaved: (link: Link | undefined) => void) {
  const renew = useRenewUsers()
  return useMutation({
    mutationFn: async () => {
      const { disabled, ...rest } = form
      const body = { ...rest, name: form.name.trim(), email: form.email.trim(), roleIds: [...form.roleIds] }
      if (!user) return (await post('/users', body)).link
      await patch('/users/:id', { ...body, disabled }, { id: user.id })
      return undefined
    },
    onSuccess: (made) => {
      onSaved(made)
      return renew()
    },
  })
}

/** Makes a link for a new password, ends the user's sessions, or removes the second factor. */
function useAccess(user: UserRow | undefined, onLink: (link: Link) => void) {
  const say = useSay()
  const renew = useRenewUsers()
  const reset = useMutation({
    mutationFn: () => post('/users/:id/password-link', {}, { id: user?.id ?? '' }),
    onSuccess: onLink,
  })
  const cut = useMutation({
    mutationFn: (path: '/users/:id/sessions' | '/users/:id/two-factor') =>
      remove(path, { id: user?.id ?? '' }),
    onSuccess: () => {
      toast('ok', say(['已生效', 'Done']))
      return renew()
    },
  })
  return { reset, cut, error: reset.error ?? cut.error }
}

function NewLink({ link }: { link: Link }) {
  const say = useSay()
  return (
    <>
      <CopyBox
        text={link.url}
        label={say(['把链接发给本人，用它设密码', 'Send this link; they set a password with it'])}
      />
      <p className="t2 small">
        {say(['只显示这一次，{at} 前有效，用一次作废。', 'Shown once, good until {at}, for one use.'], {
          at: nearTime(link.expiresAt),
        })}
      </p>
    </>
  )
}

function UserFields(props: {
  form: UserForm
  set: SetForm
  roles: readonly RoleRow[]
  isNew: boolean
  wrong: (field: string) => string | undefined
}) {
  const say = useSay()
  const { form, set, roles, isNew, wrong } = props
  const { roleIds } = form
  return (
    <>
      <TextField
        label={say(['姓名', 'Name'])}
        value={form.name}
        onChange={(name) => set({ name })}
        maxLength={60}
        wrong={wrong('name')}
      />
      <TextField
        label={say(['邮箱', 'E-mail'])}
        type="email"
        value={form.email}
        onChange={(email) => set({ email })}
        wrong={wrong('email')}
      />
      <fieldset style={{ border: 0, margin: 0, padding: 0 }}>
        <legend className="t2" style={{ padding: 0 }}>
          {say(['角色', 'Roles'])}
        </legend>
        {roles.map((role) => (
          <Check
            key={role.id}
            label={say([role.name, role.nameEn || role.name])}
            checked={roleIds.includes(role.id)}
            onChange={(on) =>
              set({ roleIds: on ? [...roleIds, role.id] : roleIds.filter((id) => id !== role.id) })
            }
          />
        ))}
      </fieldset>
      <ShopPicker value={form.shops} onChange={(shops) => set({ shops })} />
      <WarehousePicker value={form.warehouses} onChange={(warehouses) => set({ warehouses })} />
      {!isNew && (
        <Check
          label={say(['停用：马上退出所有登录', 'Disabled: signed out everywhere at once'])}
          checked={form.disabled}
          onChange={(disabled) => set({ disabled })}
        />
      )}
    </>
  )
}

function AccessButtons(props: {
  user: UserRow
  why: string | undefined
  access: ReturnType<typeof useAccess>
}) {
  const say = useSay()
  const { user, why } = props
  const { reset, cut } = props.access
  return (
    <div className="row wrap">
      <Button size="small" why={why} busy={reset.isPending} onClick={() => reset.mutate()}>
        {say(['重设密码链接', 'Password link'])}
      </Button>
      <Button size="small" why={why} onClick={() => cut.mutate('/users/:id/sessions')}>
        {say(['退出所有登录', 'Sign out everywhere'])}
      </Button>
      {user.twoFactor && (
        <Button size="small" why={why} onClick={() => cut.mutate('/users/:id/two-factor')}>
          {say(['关两步验证', 'Turn off two-step'])}
        </Button>
      )}
    </div>
  )
}
