import { useQuery } from '@tanstack/react-query'
import { connectorsQuery } from '../ui/base/session.ts'
import { CopyBox } from '../users/copy-box.tsx'
import { useSay } from '../words.ts'

/** Where the platform sends the seller back: it has to be entered in the app there, so it is shown to be copied. */
export function CallbackBox() {
  const say = useSay()
  const callbackUrl = useQuery(connectorsQuery).data?.callbackUrl
  return callbackUrl ? <CopyBox text={callbackUrl} label={say(['回调地址', 'Callback address'])} /> : null
}
