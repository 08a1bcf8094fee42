import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { patch, post } from '../api.ts'
import { applyTheme, themeSetting } from '../ui/base/store.ts'
import { MenuItem, Popover } from '../ui/overlay/overlay.tsx'
import { useSay } from '../words.ts'

const words = {
  account: ['账号与安全', 'Account and security'],
  theme: ['外观', 'Theme'],
  light: ['浅色', 'Light'],
  dark: ['深色', 'Dark'],
  system: ['跟随系统', 'Like the system'],
  signOut: ['退出登录', 'Sign out'],
} as const

/** The menu under the user's name: account, theme, signing out. */
export default function PersonMenu(props: { anchor: HTMLElement; label: string; onClose: () => void }) {
  const say = useSay()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const theme = themeSetting.use()
  const choose = (next: 'light' | 'dark' | 'system') => {
    themeSetting.set(next)
    applyTheme()
    patch('/me', { theme: next }).catch(() => undefined)
  }
  const signOut = async () => {
    await post('/sign-out').catch(() => undefined)
    queries.clear()
    location.assign('/sign-in')
  }
  return (
    <Popover anchor={props.anchor} align="right" label={props.label} role="menu" onClose={props.onClose}>
      <MenuItem
        onPick={() => {
          props.onClose()
          void navigate({ to: '/account' })
        }}
      >
        {say(words.account)}
      </MenuItem>
      <fieldset className="menu-group" aria-label={say(words.theme)}>
        {(['light', 'dark', 'system'] as const).map((each) => (
          <MenuItem key={each} radio checked={theme === each} onPick={() => choose(each)}>
            {say(words[each])}
          </MenuItem>
        ))}
      </fieldset>
      <MenuItem onPick={() => void signOut()}>{say(words.signOut)}</MenuItem>
    </Popover>
  )
}
