/**
 * @generated SignedSource<<0da2617b7c26d729cf28200af4bddf8f>>
 * @relayHash 0aefcbf90c4024eb309b361ebc60c5c9
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

// @relayRequestID dbc05b735267ebe308dffc4c7915d16f13cb1621a1fa3001295aa17bf6732bbf

import type { ConcreteRequest } from 'relay-runtime';
export type ViberMessageStatus = "DELIVERED" | "SENT" | "UNDELIVERED" | "UNKNOWN" | "%future added value";
export type logsQuery$variables = {
  requestIds: ReadonlyArray<string>;
};
export type logsQuery$data = {
  readonly viberLogs: ReadonlyArray<{
    readonly __typename: "NotFound";
    readonly code: string;
    readonly requestId: string;
  } | {
    readonly __typename: "ViberLog";
    readonly messages: ReadonlyArray<{
      readonly msgId: string;
      readonly requestId: string;
      readonly status: ViberMessageStatus;
    }>;
    readonly requestId: string;
  } | {
    // This will never be '%other', but we need some
    // value in case none of the concrete values match.
    readonly __typename: "%other";
  } | null | undefined> | null | undefined;
};
export type logsQuery = {
  response: logsQuery$data;
  variables: logsQuery$variables;
};

const node: ConcreteRequest = (function(){
var v0 = [
  {
    "defaultValue": null,
    "kind": "LocalArgument",
    "name": "requestIds"
  }
],
v1 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "requestId",
  "storageKey": null
},
v2 = [
  {
    "alias": null,
    "args": [
      {
        "kind": "Variable",
        "name": "requestIds",
        "variableName": "requestIds"
      }
    ],
    "concreteType": null,
    "kind": "LinkedField",
    "name": "viberLogs",
    "plural": true,
    "selections": [
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "__typename",
        "storageKey": null
      },
      {
        "kind": "InlineFragment",
        "selections": [
          (v1/*:: as any*/),
          {
            "alias": null,
            "args": null,
            "concreteType": "ViberMessage",
            "kind": "LinkedField",
            "name": "messages",
            "plural": true,
            "selections": [
              (v1/*:: as any*/),
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "msgId",
                "storageKey": null
              },
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "status",
                "storageKey": null
              }
            ],
            "storageKey": null
          }
        ],
        "type": "ViberLog",
        "abstractKey": null
      },
      {
        "kind": "InlineFragment",
        "selections": [
          (v1/*:: as any*/),
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "code",
            "storageKey": null
          }
        ],
        "type": "NotFound",
        "abstractKey": null
      }
    ],
    "storageKey": null
  }
];
return {
  "fragment": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Fragment",
    "metadata": null,
    "name": "logsQuery",
    "selections": (v2/*:: as any*/),
    "type": "Query",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "logsQuery",
    "selections": (v2/*:: as any*/)
  },
  "params": {
    "id": "dbc05b735267ebe308dffc4c7915d16f13cb1621a1fa3001295aa17bf6732bbf",
    "metadata": {},
    "name": "logsQuery",
    "operationKind": "query",
    "text": null
  }
};
})();

(node as any).hash = "d4ed6eb724125c069643c19e7b6a880e";

export default node;
