// Which refusals of Slack are about a message, and which pass (https://docs.slack.dev/reference/methods/chat.postMessage#errors).

// Slack's own trouble, and ours with Slack: a token that was revoked, an app that lacks a scope. Every message would be refused.
const PASSING = [
  'ratelimited',
  'rate_limited',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
  'invalid_auth',
  'not_authed',
  'token_revoked',
  'token_expired',
  'account_inactive',
  'missing_scope',
  'org_login_required',
  'access_denied',
]

/** Whether Slack will never take this message, however often it is said. What is unknown is about the message, lest one of them stop all others. */
export const isFinal = e => e?.code === 'slack_webapi_platform_error' && !PASSING.includes(e.data?.error)
