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
  const queries = useQueryClient()
  const [name, setName] = useState(user?.name ?? '')
  const [email, setEmail] = useState(user?.email ?? '')
  const [roleIds, setRoleIds] = useState(user?.roles.map((role) => role.id) ?? [])
  const [shops, setShops] = useState<Grant>(user?.shops ?? 'all')
  const [warehouses, setWarehouses] = useState<Grant>(user?.warehouses ?? 'all')
  const [disabled, setDisabled] = useState(user?.state === 'disabled')
  const [link, setLink] = useState<Link>()
  const renew = () => queries.invalidateQueries({ queryKey: ['/users'] })
  const save = useMutation({
    mutationFn: async () => {
      const body = { name: name.trim(), email: email.trim(), roleIds, shops, warehouses }
      if (!user) return (await post('/users', body)).link
      await patch('/users/:id', { ...body, disabled }, { id: user.id })
      return undefined
    },
    onSuccess: (made) => {
      if (made) setLink(made)
      else onClose()
      return renew()
    },
  })
  const reset = useMutation({
    mutationFn: () => post('/users/:id/password-link', {}, { id: user?.id ?? '' }),
    onSuccess: setLink,
  })
  const cut = useMutation({
    mutationFn: (path: '/users/:id/sessions' | '/users/:id/two-factor') =>
      remove(path, { id: user?.id ?? '' }),
    onSuccess: () => {
      toast('ok', say(['已生效', 'Done']))
      return renew()
    },
  })
  const error = save.error ?? reset.error ?? cut.error
  const wrong = (field: string) =>
    save.error instanceof ApiError && save.error.field === field ? errorText(save.error) : undefined
  const title = user ? user.name : say(['新增用户', 'Add a user'])
  return (
    <Dialog
      title={title}
      label={title}
      onClose={onClose}
      foot={
        link ? (
          <Button onClick={onClose}>{say(shared.close)}</Button>
        ) : (
          <>
            <Button onClick={onClose}>{say(shared.cancel)}</Button>
            <Button kind="primary" why={why} busy={save.isPending} onClick={() => save.mutate()}>
              {user ? say(shared.save) : say(['新增并生成链接', 'Add and make a link'])}
            </Button>
          </>
        )
      }
    >
      {link ? (
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
      ) : (
        <>
          <TextField
            label={say(['姓名', 'Name'])}
            value={name}
            onChange={setName}
            maxLength={60}
            wrong={wrong('name')}
          />
          <TextField
            label={say(['邮箱', 'E-mail'])}
            type="email"
            value={email}
            onChange={setEmail}
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
                  setRoleIds(on ? [...roleIds, role.id] : roleIds.filter((id) => id !== role.id))
                }
              />
            ))}
          </fieldset>
          <ShopPicker value={shops} onChange={setShops} />
          <WarehousePicker value={warehouses} onChange={setWarehouses} />
          {user && (
            <Check
              label={say(['停用：马上退出所有登录', 'Disabled: signed out everywhere at once'])}
              checked={disabled}
              onChange={setDisabled}
            />
          )}
          {user && (
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
          )}
        </>
      )}
      {error && !wrong('email') && !wrong('name') && <Note tone="bad">{errorText(error)}</Note>}
    </Dialog>
  )
}
