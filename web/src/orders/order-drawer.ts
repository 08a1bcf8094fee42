import { soon } from '../ui/soon.tsx'

/** The order beside whatever list shows one of it. */
export const orderDrawer = soon(() => import('./order-drawer-page.tsx'))
