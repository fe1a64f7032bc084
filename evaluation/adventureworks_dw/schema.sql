-- title: AdventureWorksDW
-- source: Microsoft's sample data warehouse AdventureWorksDW2014, script instawdbdw.sql
-- licence: Microsoft's SQL Server samples, MIT
-- schema: Systems>AdventureWorksDW2014>dbo
--
-- Keys as the script declares them: FactFinance, NewFactCurrencyRate and AdventureWorksDWBuildVersion have no primary key.
-- It declares 44 foreign keys. Not declared, although the columns are plainly such references: FactSurveyResponse's
-- ProductCategoryKey and ProductSubcategoryKey, FactAdditionalInternationalProductDescription's ProductKey,
-- NewFactCurrencyRate's CurrencyKey and DateKey, DimAccount's and DimEmployee's alternate keys of the parent.
-- Classes: FactInternetSalesReason resolves a many-to-many, so it is a bridge; NewFactCurrencyRate holds rates to be loaded
-- and counts as a fact, ProspectiveBuyer (persons, joined to nothing) as a dimension; administration has no class.

CREATE TABLE DatabaseLog (
    DatabaseLogID  int            NOT NULL,
    PostTime       datetime       NOT NULL,
    DatabaseUser   sysname        NOT NULL,
    Event          sysname        NOT NULL,
    Schema         sysname,
    Object         sysname,
    TSQL           nvarchar(max)  NOT NULL,
    XmlEvent       xml            NOT NULL,
    PRIMARY KEY (DatabaseLogID)
);

CREATE TABLE AdventureWorksDWBuildVersion (
    DBVersion    nvarchar(50),
    VersionDate  datetime
);

CREATE TABLE DimAccount (
    AccountKey                     int            NOT NULL,
    ParentAccountKey               int,
    AccountCodeAlternateKey        int,
    ParentAccountCodeAlternateKey  int,
    AccountDescription             nvarchar(50),
    AccountType                    nvarchar(50),
    Operator                       nvarchar(50),
    CustomMembers                  nvarchar(300),
    ValueType                      nvarchar(50),
    CustomMemberOptions            nvarchar(200),
    PRIMARY KEY (AccountKey),
    FOREIGN KEY (ParentAccountKey) REFERENCES DimAccount (AccountKey)
);

CREATE TABLE DimCurrency (
    CurrencyKey           int           NOT NULL,
    CurrencyAlternateKey  nchar(3)      NOT NULL,
    CurrencyName          nvarchar(50)  NOT NULL,
    PRIMARY KEY (CurrencyKey)
);

CREATE TABLE DimCustomer (
    CustomerKey           int            NOT NULL,
    GeographyKey          int,
    CustomerAlternateKey  nvarchar(15)   NOT NULL,
    Title                 nvarchar(8),
    FirstName             nvarchar(50),
    MiddleName            nvarchar(50),
    LastName              nvarchar(50),
    NameStyle             bit,
    BirthDate             date,
    MaritalStatus         nchar(1),
    Suffix                nvarchar(10),
    Gender                nvarchar(1),
    EmailAddress          nvarchar(50),
    YearlyIncome          money,
    TotalChildren         tinyint,
    NumberChildrenAtHome  tinyint,
    EnglishEducation      nvarchar(40),
    SpanishEducation      nvarchar(40),
    FrenchEducation       nvarchar(40),
    EnglishOccupation     nvarchar(100),
    SpanishOccupation     nvarchar(100),
    FrenchOccupation      nvarchar(100),
    HouseOwnerFlag        nchar(1),
    NumberCarsOwned       tinyint,
    AddressLine1          nvarchar(120),
    AddressLine2          nvarchar(120),
    Phone                 nvarchar(20),
    DateFirstPurchase     date,
    CommuteDistance       nvarchar(15),
    PRIMARY KEY (CustomerKey),
    FOREIGN KEY (GeographyKey) REFERENCES DimGeography (GeographyKey)
);

CREATE TABLE DimDate (
    DateKey               int           NOT NULL,
    FullDateAlternateKey  date          NOT NULL,
    DayNumberOfWeek       tinyint       NOT NULL,
    EnglishDayNameOfWeek  nvarchar(10)  NOT NULL,
    SpanishDayNameOfWeek  nvarchar(10)  NOT NULL,
    FrenchDayNameOfWeek   nvarchar(10)  NOT NULL,
    DayNumberOfMonth      tinyint       NOT NULL,
    DayNumberOfYear       smallint      NOT NULL,
    WeekNumberOfYear      tinyint       NOT NULL,
    EnglishMonthName      nvarchar(10)  NOT NULL,
    SpanishMonthName      nvarchar(10)  NOT NULL,
    FrenchMonthName       nvarchar(10)  NOT NULL,
    MonthNumberOfYear     tinyint       NOT NULL,
    CalendarQuarter       tinyint       NOT NULL,
    CalendarYear          smallint      NOT NULL,
    CalendarSemester      tinyint       NOT NULL,
    FiscalQuarter         tinyint       NOT NULL,
    FiscalYear            smallint      NOT NULL,
    FiscalSemester        tinyint       NOT NULL,
    PRIMARY KEY (DateKey)
);

CREATE TABLE DimDepartmentGroup (
    DepartmentGroupKey        int           NOT NULL,
    ParentDepartmentGroupKey  int,
    DepartmentGroupName       nvarchar(50),
    PRIMARY KEY (DepartmentGroupKey),
    FOREIGN KEY (ParentDepartmentGroupKey) REFERENCES DimDepartmentGroup (DepartmentGroupKey)
);

CREATE TABLE DimEmployee (
    EmployeeKey                           int             NOT NULL,
    ParentEmployeeKey                     int,
    EmployeeNationalIDAlternateKey        nvarchar(15),
    ParentEmployeeNationalIDAlternateKey  nvarchar(15),
    SalesTerritoryKey                     int,
    FirstName                             nvarchar(50)    NOT NULL,
    LastName                              nvarchar(50)    NOT NULL,
    MiddleName                            nvarchar(50),
    NameStyle                             bit             NOT NULL,
    Title                                 nvarchar(50),
    HireDate                              date,
    BirthDate                             date,
    LoginID                               nvarchar(256),
    EmailAddress                          nvarchar(50),
    Phone                                 nvarchar(25),
    MaritalStatus                         nchar(1),
    EmergencyContactName                  nvarchar(50),
    EmergencyContactPhone                 nvarchar(25),
    SalariedFlag                          bit,
    Gender                                nchar(1),
    PayFrequency                          tinyint,
    BaseRate                              money,
    VacationHours                         smallint,
    SickLeaveHours                        smallint,
    CurrentFlag                           bit             NOT NULL,
    SalesPersonFlag                       bit             NOT NULL,
    DepartmentName                        nvarchar(50),
    StartDate                             date,
    EndDate                               date,
    Status                                nvarchar(50),
    EmployeePhoto                         varbinary(max),
    PRIMARY KEY (EmployeeKey),
    FOREIGN KEY (SalesTerritoryKey) REFERENCES DimSalesTerritory (SalesTerritoryKey),
    FOREIGN KEY (ParentEmployeeKey) REFERENCES DimEmployee (EmployeeKey)
);

CREATE TABLE DimGeography (
    GeographyKey              int           NOT NULL,
    City                      nvarchar(30),
    StateProvinceCode         nvarchar(3),
    StateProvinceName         nvarchar(50),
    CountryRegionCode         nvarchar(3),
    EnglishCountryRegionName  nvarchar(50),
    SpanishCountryRegionName  nvarchar(50),
    FrenchCountryRegionName   nvarchar(50),
    PostalCode                nvarchar(15),
    SalesTerritoryKey         int,
    IpAddressLocator          nvarchar(15),
    PRIMARY KEY (GeographyKey),
    FOREIGN KEY (SalesTerritoryKey) REFERENCES DimSalesTerritory (SalesTerritoryKey)
);

CREATE TABLE DimOrganization (
    OrganizationKey        int           NOT NULL,
    ParentOrganizationKey  int,
    PercentageOfOwnership  nvarchar(16),
    OrganizationName       nvarchar(50),
    CurrencyKey            int,
    PRIMARY KEY (OrganizationKey),
    FOREIGN KEY (CurrencyKey) REFERENCES DimCurrency (CurrencyKey),
    FOREIGN KEY (ParentOrganizationKey) REFERENCES DimOrganization (OrganizationKey)
);

CREATE TABLE DimProduct (
    ProductKey             int             NOT NULL,
    ProductAlternateKey    nvarchar(25),
    ProductSubcategoryKey  int,
    WeightUnitMeasureCode  nchar(3),
    SizeUnitMeasureCode    nchar(3),
    EnglishProductName     nvarchar(50)    NOT NULL,
    SpanishProductName     nvarchar(50)    NOT NULL,
    FrenchProductName      nvarchar(50)    NOT NULL,
    StandardCost           money,
    FinishedGoodsFlag      bit             NOT NULL,
    Color                  nvarchar(15)    NOT NULL,
    SafetyStockLevel       smallint,
    ReorderPoint           smallint,
    ListPrice              money,
    Size                   nvarchar(50),
    SizeRange              nvarchar(50),
    Weight                 float,
    DaysToManufacture      int,
    ProductLine            nchar(2),
    DealerPrice            money,
    Class                  nchar(2),
    Style                  nchar(2),
    ModelName              nvarchar(50),
    LargePhoto             varbinary(max),
    EnglishDescription     nvarchar(400),
    FrenchDescription      nvarchar(400),
    ChineseDescription     nvarchar(400),
    ArabicDescription      nvarchar(400),
    HebrewDescription      nvarchar(400),
    ThaiDescription        nvarchar(400),
    GermanDescription      nvarchar(400),
    JapaneseDescription    nvarchar(400),
    TurkishDescription     nvarchar(400),
    StartDate              datetime,
    EndDate                datetime,
    Status                 nvarchar(7),
    PRIMARY KEY (ProductKey),
    FOREIGN KEY (ProductSubcategoryKey) REFERENCES DimProductSubcategory (ProductSubcategoryKey)
);

CREATE TABLE DimProductCategory (
    ProductCategoryKey           int           NOT NULL,
    ProductCategoryAlternateKey  int,
    EnglishProductCategoryName   nvarchar(50)  NOT NULL,
    SpanishProductCategoryName   nvarchar(50)  NOT NULL,
    FrenchProductCategoryName    nvarchar(50)  NOT NULL,
    PRIMARY KEY (ProductCategoryKey)
);

CREATE TABLE DimProductSubcategory (
    ProductSubcategoryKey           int           NOT NULL,
    ProductSubcategoryAlternateKey  int,
    EnglishProductSubcategoryName   nvarchar(50)  NOT NULL,
    SpanishProductSubcategoryName   nvarchar(50)  NOT NULL,
    FrenchProductSubcategoryName    nvarchar(50)  NOT NULL,
    ProductCategoryKey              int,
    PRIMARY KEY (ProductSubcategoryKey),
    FOREIGN KEY (ProductCategoryKey) REFERENCES DimProductCategory (ProductCategoryKey)
);

CREATE TABLE DimPromotion (
    PromotionKey              int            NOT NULL,
    PromotionAlternateKey     int,
    EnglishPromotionName      nvarchar(255),
    SpanishPromotionName      nvarchar(255),
    FrenchPromotionName       nvarchar(255),
    DiscountPct               float,
    EnglishPromotionType      nvarchar(50),
    SpanishPromotionType      nvarchar(50),
    FrenchPromotionType       nvarchar(50),
    EnglishPromotionCategory  nvarchar(50),
    SpanishPromotionCategory  nvarchar(50),
    FrenchPromotionCategory   nvarchar(50),
    StartDate                 datetime       NOT NULL,
    EndDate                   datetime,
    MinQty                    int,
    MaxQty                    int,
    PRIMARY KEY (PromotionKey)
);

CREATE TABLE DimReseller (
    ResellerKey           int           NOT NULL,
    GeographyKey          int,
    ResellerAlternateKey  nvarchar(15),
    Phone                 nvarchar(25),
    BusinessType          varchar(20)   NOT NULL,
    ResellerName          nvarchar(50)  NOT NULL,
    NumberEmployees       int,
    OrderFrequency        char(1),
    OrderMonth            tinyint,
    FirstOrderYear        int,
    LastOrderYear         int,
    ProductLine           nvarchar(50),
    AddressLine1          nvarchar(60),
    AddressLine2          nvarchar(60),
    AnnualSales           money,
    BankName              nvarchar(50),
    MinPaymentType        tinyint,
    MinPaymentAmount      money,
    AnnualRevenue         money,
    YearOpened            int,
    PRIMARY KEY (ResellerKey),
    FOREIGN KEY (GeographyKey) REFERENCES DimGeography (GeographyKey)
);

CREATE TABLE DimSalesReason (
    SalesReasonKey           int           NOT NULL,
    SalesReasonAlternateKey  int           NOT NULL,
    SalesReasonName          nvarchar(50)  NOT NULL,
    SalesReasonReasonType    nvarchar(50)  NOT NULL,
    PRIMARY KEY (SalesReasonKey)
);

CREATE TABLE DimSalesTerritory (
    SalesTerritoryKey           int             NOT NULL,
    SalesTerritoryAlternateKey  int,
    SalesTerritoryRegion        nvarchar(50)    NOT NULL,
    SalesTerritoryCountry       nvarchar(50)    NOT NULL,
    SalesTerritoryGroup         nvarchar(50),
    SalesTerritoryImage         varbinary(max),
    PRIMARY KEY (SalesTerritoryKey)
);

CREATE TABLE DimScenario (
    ScenarioKey   int           NOT NULL,
    ScenarioName  nvarchar(50),
    PRIMARY KEY (ScenarioKey)
);

CREATE TABLE FactAdditionalInternationalProductDescription (
    ProductKey          int            NOT NULL,
    CultureName         nvarchar(50)   NOT NULL,
    ProductDescription  nvarchar(max)  NOT NULL,
    PRIMARY KEY (ProductKey, CultureName)
);

CREATE TABLE FactCallCenter (
    FactCallCenterID     int           NOT NULL,
    DateKey              int           NOT NULL,
    WageType             nvarchar(15)  NOT NULL,
    Shift                nvarchar(20)  NOT NULL,
    LevelOneOperators    smallint      NOT NULL,
    LevelTwoOperators    smallint      NOT NULL,
    TotalOperators       smallint      NOT NULL,
    Calls                int           NOT NULL,
    AutomaticResponses   int           NOT NULL,
    Orders               int           NOT NULL,
    IssuesRaised         smallint      NOT NULL,
    AverageTimePerIssue  smallint      NOT NULL,
    ServiceGrade         float         NOT NULL,
    Date                 datetime,
    PRIMARY KEY (FactCallCenterID),
    FOREIGN KEY (DateKey) REFERENCES DimDate (DateKey)
);

CREATE TABLE FactCurrencyRate (
    CurrencyKey   int       NOT NULL,
    DateKey       int       NOT NULL,
    AverageRate   float     NOT NULL,
    EndOfDayRate  float     NOT NULL,
    Date          datetime,
    PRIMARY KEY (CurrencyKey, DateKey),
    FOREIGN KEY (DateKey) REFERENCES DimDate (DateKey),
    FOREIGN KEY (CurrencyKey) REFERENCES DimCurrency (CurrencyKey)
);

CREATE TABLE FactFinance (
    FinanceKey          int       NOT NULL,
    DateKey             int       NOT NULL,
    OrganizationKey     int       NOT NULL,
    DepartmentGroupKey  int       NOT NULL,
    ScenarioKey         int       NOT NULL,
    AccountKey          int       NOT NULL,
    Amount              float     NOT NULL,
    Date                datetime,
    FOREIGN KEY (ScenarioKey) REFERENCES DimScenario (ScenarioKey),
    FOREIGN KEY (OrganizationKey) REFERENCES DimOrganization (OrganizationKey),
    FOREIGN KEY (DepartmentGroupKey) REFERENCES DimDepartmentGroup (DepartmentGroupKey),
    FOREIGN KEY (DateKey) REFERENCES DimDate (DateKey),
    FOREIGN KEY (AccountKey) REFERENCES DimAccount (AccountKey)
);

CREATE TABLE FactInternetSales (
    ProductKey             int           NOT NULL,
    OrderDateKey           int           NOT NULL,
    DueDateKey             int           NOT NULL,
    ShipDateKey            int           NOT NULL,
    CustomerKey            int           NOT NULL,
    PromotionKey           int           NOT NULL,
    CurrencyKey            int           NOT NULL,
    SalesTerritoryKey      int           NOT NULL,
    SalesOrderNumber       nvarchar(20)  NOT NULL,
    SalesOrderLineNumber   tinyint       NOT NULL,
    RevisionNumber         tinyint       NOT NULL,
    OrderQuantity          smallint      NOT NULL,
    UnitPrice              money         NOT NULL,
    ExtendedAmount         money         NOT NULL,
    UnitPriceDiscountPct   float         NOT NULL,
    DiscountAmount         float         NOT NULL,
    ProductStandardCost    money         NOT NULL,
    TotalProductCost       money         NOT NULL,
    SalesAmount            money         NOT NULL,
    TaxAmt                 money         NOT NULL,
    Freight                money         NOT NULL,
    CarrierTrackingNumber  nvarchar(25),
    CustomerPONumber       nvarchar(25),
    OrderDate              datetime,
    DueDate                datetime,
    ShipDate               datetime,
    PRIMARY KEY (SalesOrderNumber, SalesOrderLineNumber),
    FOREIGN KEY (CurrencyKey) REFERENCES DimCurrency (CurrencyKey),
    FOREIGN KEY (CustomerKey) REFERENCES DimCustomer (CustomerKey),
    FOREIGN KEY (OrderDateKey) REFERENCES DimDate (DateKey),
    FOREIGN KEY (DueDateKey) REFERENCES DimDate (DateKey),
    FOREIGN KEY (ShipDateKey) REFERENCES DimDate (DateKey),
    FOREIGN KEY (ProductKey) REFERENCES DimProduct (ProductKey),
    FOREIGN KEY (PromotionKey) REFERENCES DimPromotion (PromotionKey),
    FOREIGN KEY (SalesTerritoryKey) REFERENCES DimSalesTerritory (SalesTerritoryKey)
);

CREATE TABLE FactInternetSalesReason (
    SalesOrderNumber      nvarchar(20)  NOT NULL,
    SalesOrderLineNumber  tinyint       NOT NULL,
    SalesReasonKey        int           NOT NULL,
    PRIMARY KEY (SalesOrderNumber, SalesOrderLineNumber, SalesReasonKey),
    FOREIGN KEY (SalesOrderNumber, SalesOrderLineNumber) REFERENCES FactInternetSales (SalesOrderNumber, SalesOrderLineNumber),
    FOREIGN KEY (SalesReasonKey) REFERENCES DimSalesReason (SalesReasonKey)
);

CREATE TABLE FactProductInventory (
    ProductKey    int    NOT NULL,
    DateKey       int    NOT NULL,
    MovementDate  date   NOT NULL,
    UnitCost      money  NOT NULL,
    UnitsIn       int    NOT NULL,
    UnitsOut      int    NOT NULL,
    UnitsBalance  int    NOT NULL,
    PRIMARY KEY (ProductKey, DateKey),
    FOREIGN KEY (DateKey) REFERENCES DimDate (DateKey),
    FOREIGN KEY (ProductKey) REFERENCES DimProduct (ProductKey)
);

CREATE TABLE FactResellerSales (
    ProductKey             int           NOT NULL,
    OrderDateKey           int           NOT NULL,
    DueDateKey             int           NOT NULL,
    ShipDateKey            int           NOT NULL,
    ResellerKey            int           NOT NULL,
    EmployeeKey            int           NOT NULL,
    PromotionKey           int           NOT NULL,
    CurrencyKey            int           NOT NULL,
    SalesTerritoryKey      int           NOT NULL,
    SalesOrderNumber       nvarchar(20)  NOT NULL,
    SalesOrderLineNumber   tinyint       NOT NULL,
    RevisionNumber         tinyint,
    OrderQuantity          smallint,
    UnitPrice              money,
    ExtendedAmount         money,
    UnitPriceDiscountPct   float,
    DiscountAmount         float,
    ProductStandardCost    money,
    TotalProductCost       money,
    SalesAmount            money,
    TaxAmt                 money,
    Freight                money,
    CarrierTrackingNumber  nvarchar(25),
    CustomerPONumber       nvarchar(25),
    OrderDate              datetime,
    DueDate                datetime,
    ShipDate               datetime,
    PRIMARY KEY (SalesOrderNumber, SalesOrderLineNumber),
    FOREIGN KEY (CurrencyKey) REFERENCES DimCurrency (CurrencyKey),
    FOREIGN KEY (OrderDateKey) REFERENCES DimDate (DateKey),
    FOREIGN KEY (DueDateKey) REFERENCES DimDate (DateKey),
    FOREIGN KEY (ShipDateKey) REFERENCES DimDate (DateKey),
    FOREIGN KEY (EmployeeKey) REFERENCES DimEmployee (EmployeeKey),
    FOREIGN KEY (ProductKey) REFERENCES DimProduct (ProductKey),
    FOREIGN KEY (PromotionKey) REFERENCES DimPromotion (PromotionKey),
    FOREIGN KEY (ResellerKey) REFERENCES DimReseller (ResellerKey),
    FOREIGN KEY (SalesTerritoryKey) REFERENCES DimSalesTerritory (SalesTerritoryKey)
);

CREATE TABLE FactSalesQuota (
    SalesQuotaKey     int       NOT NULL,
    EmployeeKey       int       NOT NULL,
    DateKey           int       NOT NULL,
    CalendarYear      smallint  NOT NULL,
    CalendarQuarter   tinyint   NOT NULL,
    SalesAmountQuota  money     NOT NULL,
    Date              datetime,
    PRIMARY KEY (SalesQuotaKey),
    FOREIGN KEY (EmployeeKey) REFERENCES DimEmployee (EmployeeKey),
    FOREIGN KEY (DateKey) REFERENCES DimDate (DateKey)
);

CREATE TABLE FactSurveyResponse (
    SurveyResponseKey              int           NOT NULL,
    DateKey                        int           NOT NULL,
    CustomerKey                    int           NOT NULL,
    ProductCategoryKey             int           NOT NULL,
    EnglishProductCategoryName     nvarchar(50)  NOT NULL,
    ProductSubcategoryKey          int           NOT NULL,
    EnglishProductSubcategoryName  nvarchar(50)  NOT NULL,
    Date                           datetime,
    PRIMARY KEY (SurveyResponseKey),
    FOREIGN KEY (DateKey) REFERENCES DimDate (DateKey),
    FOREIGN KEY (CustomerKey) REFERENCES DimCustomer (CustomerKey)
);

CREATE TABLE NewFactCurrencyRate (
    AverageRate   real,
    CurrencyID    nvarchar(3),
    CurrencyDate  date,
    EndOfDayRate  real,
    CurrencyKey   int,
    DateKey       int
);

CREATE TABLE ProspectiveBuyer (
    ProspectiveBuyerKey   int            NOT NULL,
    ProspectAlternateKey  nvarchar(15),
    FirstName             nvarchar(50),
    MiddleName            nvarchar(50),
    LastName              nvarchar(50),
    BirthDate             datetime,
    MaritalStatus         nchar(1),
    Gender                nvarchar(1),
    EmailAddress          nvarchar(50),
    YearlyIncome          money,
    TotalChildren         tinyint,
    NumberChildrenAtHome  tinyint,
    Education             nvarchar(40),
    Occupation            nvarchar(100),
    HouseOwnerFlag        nchar(1),
    NumberCarsOwned       tinyint,
    AddressLine1          nvarchar(120),
    AddressLine2          nvarchar(120),
    City                  nvarchar(30),
    StateProvinceCode     nvarchar(3),
    PostalCode            nvarchar(15),
    Phone                 nvarchar(20),
    Salutation            nvarchar(8),
    Unknown               int,
    PRIMARY KEY (ProspectiveBuyerKey)
);

CREATE TABLE sysdiagrams (
    name          sysname         NOT NULL,
    principal_id  int             NOT NULL,
    diagram_id    int             NOT NULL,
    version       int,
    definition    varbinary(max),
    PRIMARY KEY (diagram_id)
);
