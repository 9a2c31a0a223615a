/**
 * @generated SignedSource<<e7e1dca8373f780fb357579ca500eab2>>
 * @relayHash 6ede864af463c2eb2ff0987709d0d8e7
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

// @relayRequestID 13fec1be859fa37bc153d1dde5b01fb1b32a1c34a1a93abe3000d7ede6baff74

import type { ConcreteRequest } from 'relay-runtime';
export type logsSubscription$variables = {
  requestId: string;
};
export type logsSubscription$data = {
  readonly viberLog: {
    readonly __typename: "NotFound";
    readonly code: string;
    readonly requestId: string;
  } | {
    readonly __typename: "ViberLog";
    readonly requestId: string;
    readonly summary: {
      readonly delivered: number;
      readonly messages: number;
      readonly totalCost: number;
      readonly undelivered: number;
    };
  } | {
    // This will never be '%other', but we need some
    // value in case none of the concrete values match.
    readonly __typename: "%other";
  } | null | undefined;
};
export type logsSubscription = {
  response: logsSubscription$data;
  variables: logsSubscription$variables;
};

const node: ConcreteRequest = (function(){
var v0 = [
  {
    "defaultValue": null,
    "kind": "LocalArgument",
    "name": "requestId"
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
        "name": "requestId",
        "variableName": "requestId"
      }
    ],
    "concreteType": null,
    "kind": "LinkedField",
    "name": "viberLog",
    "plural": false,
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
            "concreteType": "ViberLogSummary",
            "kind": "LinkedField",
            "name": "summary",
            "plural": false,
            "selections": [
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "messages",
                "storageKey": null
              },
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "delivered",
                "storageKey": null
              },
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "undelivered",
                "storageKey": null
              },
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "totalCost",
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
    "name": "logsSubscription",
    "selections": (v2/*:: as any*/),
    "type": "Subscription",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "logsSubscription",
    "selections": (v2/*:: as any*/)
  },
  "params": {
    "id": "13fec1be859fa37bc153d1dde5b01fb1b32a1c34a1a93abe3000d7ede6baff74",
    "metadata": {},
    "name": "logsSubscription",
    "operationKind": "subscription",
    "text": null
  }
};
})();

(node as any).hash = "774fc56ec1690eb3342b157d087f0498";

export default node;
